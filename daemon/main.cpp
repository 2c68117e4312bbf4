// zeld: the node. Only wiring.
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "daemon/io/event_loop.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/node_driver.hpp"
#include "daemon/io/topology.hpp"
#include "daemon/keeper/process_tree.hpp"
#include "daemon/node.hpp"

namespace {

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

/// The private node of one zrun: it serves the launcher at the other end of `fd`, listens on nothing, and
/// ends with it.
int run_embedded(int fd) {
  if (fd < 3 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("zeld: 'embedded' is how zrun starts its private node; run zrun instead\n", stderr);
    return 125;
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error to report, not a reason to die
  if (!zel::keeper::adopt_orphans()) {
    std::perror("zeld: prctl(PR_SET_CHILD_SUBREAPER)");
    return 125;
  }
  const auto ranks_open_files = zel::io::raise_open_files_limit();
  std::uint64_t job_names = 0;
  [[maybe_unused]] const auto got = ::getrandom(&job_names, sizeof job_names, 0);

  // It comes up while the node looks at the hardware. A failure shows when the job wants one.
  auto keeper = zel::io::start_keeper(zel::io::sibling_program("zel-keeper"));
  zel::io::EventLoop loop;
  auto topology = zel::io::probe_topology();
  if (!topology) {
    std::fprintf(stderr, "zeld: %s\n", topology.error().text.c_str());
    return 125;
  }
  zel::daemon::NodeSetup setup;
  setup.host = host_name();
  setup.topology = std::move(*topology);
  setup.job_names = job_names;
  zel::daemon::Node node(std::move(setup), loop.now());
  zel::io::NodeDriver driver(loop, node, ranks_open_files);
  if (keeper) driver.offer_keeper(std::move(*keeper));
  driver.on_idle([&loop] { loop.stop(); });
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) loop.on_signal(number, [&driver](int) { driver.end_all(); });
  driver.accept(zel::base::UniqueFd(fd));
  // zrun starts us with these blocked, so that a Ctrl-C in between is not our end.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  loop.run();
  driver.close_keepers();
  zel::keeper::sweep(std::chrono::seconds(1));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("zeld: a node of zel. zrun starts a private one by itself.", "zeld");
  app.set_version_flag("--version", "zeld " ZEL_VERSION);
  app.require_subcommand(1);
  int fd = -1;
  auto* embedded = app.add_subcommand("embedded", "serve one zrun (started by it, not by hand)");
  embedded->add_option("--fd", fd, "the connected descriptor")->required();
  CLI11_PARSE(app, argc, argv);
  return run_embedded(fd);
}
