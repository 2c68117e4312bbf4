// Why: zrun without a node brings its own, and a run on one machine must not pay for the network: this program is
// the node without links, addresses and commands, and starts in a fraction of the time (docs/adr/0007).
//
//     zel-private FD    serves the zrun at the other end of this connected descriptor, and ends with it
#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <string_view>

#include "daemon/io/event_loop.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/node_driver.hpp"
#include "daemon/io/topology.hpp"
#include "daemon/keeper/process_tree.hpp"
#include "daemon/node.hpp"

namespace {

using namespace zel;

constexpr int failed = 125;  // as zrun has it

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

int serve(int fd) {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error to report, not a reason to die
  if (!keeper::adopt_orphans()) {
    std::perror("zel-private: prctl(PR_SET_CHILD_SUBREAPER)");
    return failed;
  }
  const auto ranks_open_files = io::raise_open_files_limit();
  std::uint64_t job_names = 0;
  [[maybe_unused]] const auto got = ::getrandom(&job_names, sizeof job_names, 0);

  // It comes up while the node looks at the hardware. A failure shows when the job wants one.
  auto keeper = io::start_keeper(io::sibling_program("zel-keeper"));
  io::EventLoop loop;
  auto topology = io::probe_topology();
  if (!topology) {
    std::fprintf(stderr, "zel-private: %s\n", topology.error().text.c_str());
    return failed;
  }
  daemon::NodeSetup setup;
  setup.host = host_name();
  setup.topology = std::move(*topology);
  setup.job_names = job_names;
  daemon::Node node(std::move(setup), loop.now());
  io::NodeDriver driver(loop, node, ranks_open_files);
  if (keeper) driver.offer_keeper(std::move(*keeper));
  driver.on_idle([&loop] { loop.stop(); });
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    // One that waits for us was for zrun: it came before our session was our own. Ignoring it discards it.
    ::signal(number, SIG_IGN);
    loop.on_signal(number, [&driver](int) { driver.end_all(); });
  }
  driver.accept(base::UniqueFd(fd));
  // zrun starts us with these blocked, so that a Ctrl-C in between is not our end.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  loop.run();
  driver.close_keepers();
  keeper::sweep(std::chrono::seconds(1));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int fd = -1;
  if (argc == 2) {
    const std::string_view number(argv[1]);
    std::from_chars(number.data(), number.data() + number.size(), fd);
  }
  if (fd < 3 || ::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    std::fputs("zel-private: this is how zrun starts its private node; run zrun instead\n", stderr);
    return failed;
  }
  return serve(fd);
}
