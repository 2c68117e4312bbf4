#include "daemon/cli/serve.hpp"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "daemon/cli/listening.hpp"
#include "daemon/cli/shutdown.hpp"
#include "daemon/io/admin_server.hpp"
#include "daemon/io/interfaces.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/link_keys.hpp"
#include "daemon/io/log.hpp"
#include "daemon/io/node_driver.hpp"
#include "daemon/io/port_hold.hpp"
#include "daemon/io/runtime_directory.hpp"
#include "daemon/io/topology.hpp"
#include "daemon/io/unix_listener.hpp"
#include "daemon/keeper/process_tree.hpp"
#include "daemon/node.hpp"
#include "wire/address.hpp"

namespace zel::cli {

namespace {

std::uint64_t random_number() {
  std::uint64_t number = 0;
  [[maybe_unused]] const auto got = ::getrandom(&number, sizeof number, 0);
  return number;
}

std::size_t cores_of(const deploy::Topology& topology) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> cores;
  for (const auto& thread : topology.hwthreads) cores.emplace_back(thread.package, thread.core);
  std::sort(cores.begin(), cores.end());
  return static_cast<std::size_t>(std::unique(cores.begin(), cores.end()) - cores.begin());
}

/// Keeps the first so many cores for jobs.
void limit_cores(deploy::Topology& topology, std::uint32_t most) {
  std::sort(topology.hwthreads.begin(), topology.hwthreads.end(), [](const auto& a, const auto& b) {
    return std::tie(a.package, a.core, a.thread) < std::tie(b.package, b.core, b.thread);
  });
  while (cores_of(topology) > most) {
    const auto last = topology.hwthreads.back();
    std::erase_if(topology.hwthreads, [&](const auto& t) { return t.package == last.package && t.core == last.core; });
  }
}

base::Result<deploy::Topology> usable_topology(std::uint32_t cores) {
  auto topology = io::probe_topology();
  if (!topology || cores == 0) return topology;
  const auto there_are = cores_of(*topology);
  if (cores > there_are) {
    return base::fail(base::Errc::bad_option, "cores: there are only " + std::to_string(there_are) + " cores here, not " +
                                                  std::to_string(cores) + "; give a smaller number, or leave it out");
  }
  limit_cores(*topology, cores);
  return topology;
}

base::Result<void> prepare_process() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a limit on files is an error to report, not a reason to die
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  if (!keeper::adopt_orphans()) return base::fail_errno("prctl(PR_SET_CHILD_SUBREAPER)", errno);
  return {};
}

/// What an administrator may ask, answered by the node.
struct Administration {
  daemon::Node& node;
  io::NodeDriver& driver;
  io::EventLoop& loop;
  wire::admin::Status standing;  // what does not change
  base::Time since;
  std::function<void()> stop;

  wire::admin::Status status() const {
    wire::admin::Status now = standing;
    now.up_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(loop.now() - since).count());
    now.jobs = static_cast<std::uint32_t>(node.jobs(loop.now()).jobs.size());
    return now;
  }
  wire::admin::Reply operator()(const wire::admin::Request& request) const {
    using namespace wire::admin;
    if (std::holds_alternative<StatusRequest>(request)) return status();
    if (std::holds_alternative<JobsRequest>(request)) return node.jobs(loop.now());
    if (const auto* kill = std::get_if<KillRequest>(&request)) {
      driver.turn();
      if (node.kill(kill->job, loop.now())) return Done{};
      return Refused{"there is no job " + kill->job + " here; 'zeld jobs' lists them"};
    }
    if (std::holds_alternative<StopRequest>(request)) {
      stop();
      return Done{};
    }
    const Status self = status();
    return Nodes{{{self.id, self.name, self.listens, 0, self.cores_free, self.cores_total, "self"}}};
  }
};

}  // namespace

base::Result<void> serve(const daemon::Configuration& configuration, const ServeSetup& setup, const Ready& ready) {
  if (auto prepared = prepare_process(); !prepared) return prepared;
  auto topology = usable_topology(configuration.cores);
  if (!topology) return tl::unexpected(topology.error());
  const auto cores = static_cast<std::uint32_t>(cores_of(*topology));
  auto directory = io::RuntimeDirectory::open(configuration.runtime_directory, setup.registry);
  if (!directory) return tl::unexpected(directory.error());
  const bool own_log = setup.detached && configuration.log_file.empty();
  const std::string log_file = own_log ? directory->log_file() : configuration.log_file;
  auto log = io::Log::open({configuration.log_level, configuration.log_format, log_file, configuration.name});
  if (!log) return tl::unexpected(log.error());
  const auto keys = io::load_or_create_link_keys(directory->key_file());
  if (!keys) return tl::unexpected(keys.error());

  const auto ranks_open_files = io::raise_open_files_limit();
  io::EventLoop loop;
  daemon::Node node({configuration.name, std::move(*topology), random_number()});
  io::NodeDriver driver(loop, node, ranks_open_files);

  std::vector<io::PortHold> ports;
  const auto listening = listen_as_told(configuration.listen, [&](const wire::overlay::Address& address) {
    return io::PortHold::take(address).map([&](io::PortHold&& port) {
      ports.push_back(std::move(port));
      return ports.back().address();
    });
  });
  if (!listening) return tl::unexpected(listening.error());
  const auto addresses = io::advertised_addresses(listening->bound, io::interface_addresses());

  std::unique_ptr<io::UnixListener> launchers;
  Shutdown shutdown(loop, {[&](const std::string& why) {
                             log->info(why + ": ending");
                             launchers.reset();
                             driver.ask_all_to_end("the node " + configuration.name + " was told to stop");
                           },
                           [&] { driver.end_all(); }, [&] { return driver.is_idle(); }, [&] { loop.stop(); }});
  driver.on_idle([&] { shutdown.on_idle(); });

  Administration administration{node, driver, loop, {}, loop.now(), {}};
  administration.standing.id = keys->id.text();
  administration.standing.name = configuration.name;
  administration.standing.pid = ::getpid();
  administration.standing.listens = addresses;
  administration.standing.cores_free = administration.standing.cores_total = cores;
  administration.standing.labels = configuration.labels;
  // After the answer is on its way.
  io::Timer stop_soon(loop, [&] { shutdown.ask("'zeld stop'"); });
  administration.stop = [&] { stop_soon.set(loop.now()); };
  io::AdminServer admin(loop, administration);

  auto run_socket = io::UnixListener::listen(loop, directory->run_socket(),
                                             [&](base::UniqueFd launcher) { driver.accept(std::move(launcher)); });
  if (!run_socket) return tl::unexpected(run_socket.error());
  launchers = std::move(*run_socket);
  const auto admin_socket = io::UnixListener::listen(loop, directory->admin_socket(),
                                                     [&](base::UniqueFd client) { admin.accept(std::move(client)); });
  if (!admin_socket) return tl::unexpected(admin_socket.error());
  if (auto entered = directory->enter(addresses); !entered) {
    log->warn("zrun --node ADDRESS will not find this node: " + entered.error().text);
  }
  for (const int number : {SIGTERM, SIGINT}) {
    loop.on_signal(number, [&](int received) { shutdown.ask(received == SIGINT ? "SIGINT" : "SIGTERM"); });
  }
  loop.on_signal(SIGHUP, [](int) {});  // the terminal went; the node stays

  std::string where;
  for (const auto& address : listening->bound) where += (where.empty() ? "" : ", ") + wire::text_of(address);
  if (!listening->remark.empty()) where += " (" + listening->remark + ")";
  const std::string line = "node " + configuration.name + " (id " + keys->id.short_text() + ") listens on " + where +
                           ", runtime directory " + directory->path();
  log->info(line);
  ready(line, log_file);
  loop.run();
  driver.close_keepers();
  keeper::sweep(std::chrono::seconds(1));
  log->info("ended");
  return {};
}

}  // namespace zel::cli
