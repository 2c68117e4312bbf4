#include "daemon/cli/serve.hpp"

#include <linux/close_range.h>
#include <signal.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>

#include "daemon/cli/configuration_directory.hpp"
#include "daemon/cli/listening.hpp"
#include "daemon/cli/shutdown.hpp"
#include "daemon/io/admin_server.hpp"
#include "daemon/io/host_resources.hpp"
#include "daemon/io/interfaces.hpp"
#include "daemon/io/keeper_process.hpp"
#include "daemon/io/link_keys.hpp"
#include "daemon/io/log.hpp"
#include "daemon/io/node_driver.hpp"
#include "daemon/io/node_links.hpp"
#include "daemon/io/runtime_directory.hpp"
#include "daemon/io/topology.hpp"
#include "daemon/io/unix_listener.hpp"
#include "daemon/keeper/process_tree.hpp"
#include "daemon/node.hpp"
#include "wire/address.hpp"

namespace zel::cli {

namespace {

// With fewer, ZeroMQ aborts the process instead of saying that there are none.
constexpr std::uint64_t least_open_files = 64;

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
  io::NodeLinks& links;
  std::function<void()> stop;

  wire::admin::Status status() const {
    wire::admin::Status status = node.status(loop.now());
    status.pid = ::getpid();
    status.links = static_cast<std::uint32_t>(links.links().open_links());
    for (auto& counter : links.counters()) status.counters.push_back(std::move(counter));
    return status;
  }
  wire::admin::Reply operator()(const wire::admin::Request& request) const {
    using namespace wire::admin;
    if (std::holds_alternative<StatusRequest>(request)) return status();
    if (std::holds_alternative<NodesRequest>(request)) return node.nodes();
    if (std::holds_alternative<JobsRequest>(request)) return node.jobs(loop.now());
    if (std::holds_alternative<PathsRequest>(request)) return links.paths();
    if (const auto* kill = std::get_if<KillRequest>(&request)) {
      driver.turn();
      if (auto killed = node.kill(kill->job, loop.now()); !killed) return Refused{killed.error().text};
      return Done{};
    }
    stop();
    return Done{};
  }
};

overlay::Config overlay_config(daemon::Preset preset) {
  switch (preset) {
    case daemon::Preset::local: return overlay::Config::local();
    case daemon::Preset::lan: return overlay::Config::lan();
    case daemon::Preset::wan: break;
  }
  return overlay::Config::wan();
}

daemon::NodeSetup node_setup(const daemon::Configuration& configuration, deploy::Topology topology,
                             const base::NodeId& id) {
  daemon::PeerSetup peer;
  peer.overlay.self.id = id;
  peer.overlay.self.name = configuration.name;
  // A node that comes back under its old id must be newer than what is remembered of it.
  peer.overlay.self.incarnation = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
  peer.overlay.config = overlay_config(configuration.preset);
  peer.overlay.bootstrap = configuration.peers;
  peer.resources = io::host_resources(configuration.runtime_directory);
  peer.resources.cores = configuration.cores != 0 ? configuration.cores : static_cast<std::uint32_t>(cores_of(topology));
  peer.resources.labels = configuration.labels;
  daemon::NodeSetup setup;
  setup.host = configuration.name;
  setup.topology = std::move(topology);
  setup.job_names = random_number();
  setup.peer = std::move(peer);
  setup.seed = random_number();
  return setup;
}

/// The realm key that was named, or the user's own. Its folder is there afterwards, if it can be made.
std::string realm_key_file(const daemon::Configuration& configuration) {
  if (!configuration.realm_key_file.empty()) return configuration.realm_key_file;
  const std::string folder = configuration_directory();
  std::error_code error;  // what went wrong shows when the key is opened
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  return folder + "/realm.key";
}

}  // namespace

base::Result<void> serve(const daemon::Configuration& configuration, const ServeSetup& setup, const Ready& ready) {
  if (auto prepared = prepare_process(); !prepared) return prepared;
  const auto ranks_open_files = io::raise_open_files_limit();
  if (io::open_files_limit() < least_open_files) {
    return base::fail(base::Errc::limit_reached, "a node needs " + std::to_string(least_open_files) +
                                                     " open files, the limit is " + std::to_string(io::open_files_limit()) +
                                                     "; raise the hard limit (ulimit -Hn)");
  }
  auto topology = io::probe_topology();
  if (!topology) return tl::unexpected(topology.error());
  auto directory = io::RuntimeDirectory::open(configuration.runtime_directory, setup.registry);
  if (!directory) return tl::unexpected(directory.error());
  const bool own_log = setup.detached && configuration.log_file.empty();
  const std::string log_file = own_log ? directory->log_file() : configuration.log_file;
  auto log = io::Log::open({configuration.log_level, configuration.log_format, log_file, configuration.name});
  if (!log) return tl::unexpected(log.error());
  const auto keys = io::load_or_create_link_keys(directory->key_file());
  if (!keys) return tl::unexpected(keys.error());

  const auto realm = io::load_or_create_realm_key(realm_key_file(configuration));
  if (!realm) return tl::unexpected(realm.error());

  io::EventLoop loop;
  daemon::Node node(node_setup(configuration, std::move(*topology), keys->id), loop.now());
  io::NodeDriver driver(loop, node, ranks_open_files);
  driver.on_remark([&](const std::string& text) { log->info(text); });
  io::NodeLinks links(loop, {*keys, *realm, configuration.name, io::limits_within(io::open_files_limit()), [&](const std::string& text) { log->warn(text); }},
                      driver, node, random_number());

  base::Result<Listening> listening;
  if (configuration.listens) {
    listening = listen_as_told(configuration.listen, [&](const wire::overlay::Address& address) {
      return links.links().listen(address);
    });
  }
  if (!listening) return tl::unexpected(listening.error());
  const auto addresses = io::advertised_addresses(listening->bound, io::interface_addresses());
  node.peer()->overlay().set_addresses(addresses);
  links.on_addresses();

  std::unique_ptr<io::UnixListener> launchers;
  Shutdown shutdown(loop, {[&](const std::string& why) {
                             log->info(why + ": ending");
                             launchers.reset();
                             driver.ask_all_to_end("the node " + configuration.name + " was told to stop");
                           },
                           [&] { driver.end_all(); }, [&] { return driver.is_idle(); },
                           // After the node has said its farewell.
                           [&] {
                             driver.turn();
                             loop.defer([&] { loop.stop(); });
                           }});
  driver.on_idle([&] { shutdown.on_idle(); });

  Administration administration{node, driver, loop, links, {}};
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
  if (where.empty()) where = "no address";
  if (!listening->remark.empty()) where += " (" + listening->remark + ")";
  const std::string line = "node " + configuration.name + " (id " + keys->id.short_text() + ") listens on " + where +
                           ", runtime directory " + directory->path();
  log->info(line);
  ready(line, log_file);
  driver.turn();  // the first words to other nodes, and the first alarm
  loop.run();
  driver.close_keepers();
  keeper::sweep(std::chrono::seconds(1));
  log->info("ended");
  return {};
}

}  // namespace zel::cli
