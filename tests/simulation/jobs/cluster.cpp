#include "tests/simulation/jobs/cluster.hpp"

#include <cstdio>
#include <cstring>
#include <limits>

#include "tests/simulation/jobs/launcher.hpp"
#include "tests/simulation/jobs/part.hpp"

namespace zel::simulation::jobs {

namespace {

constexpr std::int64_t no_wake = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t inbox_limit = 2048;
constexpr std::uint32_t most_timers_at_once = 100;
constexpr std::int64_t link_timeout_ns = 3 * s_ns;
constexpr std::int64_t leftover_ns = 30 * s_ns;  // patience of a stream, a stuck keeper's sweep, and some

std::string name(NodeIndex node) { return "n" + std::to_string(node); }

}  // namespace

Cluster::Cluster(const ClusterSetup& setup, Network web, base::Random random)
    : network(std::move(web)), setup_(setup), random_(random), nodes_(setup.nodes) {
  for (NodeIndex node = 0; node < nodes_.size(); ++node) {
    Home& home = nodes_[node];
    home.clock_offset_ns = s_ns + static_cast<std::int64_t>(random_.below(1'000'000)) * s_ns;
    home.cores = 1 + static_cast<std::uint32_t>(random_.below(setup_.most_cores));
    home.wake_ns = no_wake;
    for (std::size_t word = 0; word < 4; ++word) {
      const std::uint64_t bits = random_();
      std::memcpy(&home.id.bytes[word * 8], &bits, sizeof bits);
    }
    index_[home.id] = node;
  }
}

Cluster::~Cluster() = default;

void Cluster::note(NodeIndex node, const std::string& text) const {
  if (setup_.trace) std::printf("%12.6f  n%-5u %s\n", clock.now_s(), node, text.c_str());
}

base::Time Cluster::local_time(NodeIndex node) const {
  return base::Time(base::Duration(clock.now_ns() + nodes_[node].clock_offset_ns));
}

NodeIndex Cluster::index_of(const base::NodeId& id) const {
  const auto found = index_.find(id);
  if (found == index_.end()) throw Violation("a message to a node that never was: " + id.short_text());
  return found->second;
}

// ---- a node's process -------------------------------------------------------------------------------

void Cluster::start(NodeIndex index, const std::vector<NodeIndex>& bootstrap) {
  Home& home = nodes_[index];
  if (home.node) return;
  daemon::NodeSetup setup;
  setup.host = name(index);
  for (std::uint32_t core = 0; core < home.cores; ++core) setup.topology.hwthreads.push_back({core, 0, 0, core, 0});
  setup.job_names = home.job_names = random_();
  setup.seed = random_();
  auto& peer = setup.peer.emplace();
  peer.overlay.self.id = home.id;
  peer.overlay.self.incarnation = 1'700'000'000 + static_cast<std::uint64_t>(clock.now_ns() / s_ns) + home.life;
  peer.overlay.self.name = setup.host;
  peer.overlay.self.addresses = {{"10.0.0." + std::to_string(index), 7000}};
  peer.overlay.config = setup_.overlay;
  for (const NodeIndex other : bootstrap) {
    if (other != index) peer.overlay.bootstrap.push_back({"10.0.0." + std::to_string(other), 7000});
  }
  peer.resources = {home.cores, 1ULL << 34, 1ULL << 36, "x86_64", "Linux", {}};
  ++home.life;
  home.presence = Presence::up;
  home.awake_ns = clock.now_ns();
  home.wake_ns = no_wake;
  home.next_launcher = 1;
  home.stopping = home.settle_planned = false;
  home.node = std::make_unique<Node>(std::move(setup), local_time(index));
  note(index, "starts, life " + std::to_string(home.life) + ", cores " + std::to_string(home.cores));
  settle(index, true);
}

/// The process is gone: its launchers read an end of stream, its keepers kill what they started.
void Cluster::end(NodeIndex index, Presence presence) {
  Home& home = nodes_[index];
  home.node.reset();
  home.presence = presence;
  home.wake_ns = no_wake;
  home.inbox.clear();
  for (const auto& entry : std::exchange(home.launchers, {})) entry.second->on_node_gone();
  for (auto part = parts_.lower_bound({index, {}}); part != parts_.end() && part->first.first == index;) {
    part->second->on_node_gone();
    part = parts_.erase(part);
  }
}

void Cluster::crash(NodeIndex index, bool refuses) {
  if (!runs(index)) return;
  note(index, refuses ? "crashes" : "crashes with its host");
  nodes_[index].refuses = refuses;
  end(index, Presence::crashed);
}

void Cluster::freeze(NodeIndex index) {
  if (!is_up(index)) return;
  note(index, "is stopped");
  nodes_[index].presence = Presence::frozen;
}

void Cluster::thaw(NodeIndex index, bool timers_first) {
  Home& home = nodes_[index];
  if (home.presence != Presence::frozen) return;
  note(index, "continues, waiting: " + std::to_string(home.inbox.size()));
  home.presence = Presence::up;
  home.awake_ns = clock.now_ns();
  const std::uint32_t life_then = home.life;
  const auto inbox = std::exchange(home.inbox, {});
  if (timers_first) wake(index);
  for (const auto& call : inbox) {
    if (home.presence == Presence::up && home.life == life_then) call();
  }
  if (home.presence == Presence::up && home.life == life_then) wake(index);
}

void Cluster::stop(NodeIndex index, std::int64_t limit_ns) {
  if (!is_up(index) || nodes_[index].stopping) return;
  note(index, "is asked to stop");
  nodes_[index].stopping = true;
  const std::uint32_t life_then = life(index);
  local(index, life_then, [this, index](Node& node, base::Time now) { node.stop("the node " + name(index) + " was told to stop", now); });
  clock.after(limit_ns, [this, index, life_then] {
    local(index, life_then, [this, index](Node& node, base::Time now) {
      note(index, "drops what is left");
      for (const auto& [number, launcher] : nodes_[index].launchers) {
        launcher->on_node_gone();
        node.on_launcher_gone(number, now);
      }
      node.drop_parts(now);
    });
  });
}

// ---- what reaches it ---------------------------------------------------------------------------------

void Cluster::local(NodeIndex index, std::uint32_t life_then, std::function<void(Node&, base::Time)> call) {
  Home& home = nodes_[index];
  if (!home.node || home.life != life_then) return;
  if (home.presence == Presence::frozen) {
    home.inbox.push_back([this, index, life_then, call = std::move(call)] { local(index, life_then, call); });
    return;
  }
  call(*home.node, local_time(index));
  settle(index);
}

void Cluster::submit(NodeIndex index, const wire::run::Submit& submit, const Habits& habits, base::Random random) {
  if (!is_up(index)) return;
  Home& home = nodes_[index];
  const LauncherNumber number = home.next_launcher++;
  JobRecord job;
  job.id = {home.id, home.job_names + number};
  job.primary = index;
  job.primary_life = home.life;
  job.submit = submit;
  job.habits = habits;
  launchers_.push_back(std::make_unique<Launcher>(*this, book.open(std::move(job)), number, random));
  home.launchers[number] = launchers_.back().get();
  launchers_.back()->begin();
}

void Cluster::kill_by_name(NodeIndex index, const std::string& job) {
  if (!is_up(index)) return;
  note(index, "zeld kill " + job);
  local(index, life(index), [job](Node& node, base::Time now) { (void)node.kill(job, now); });
}

void Cluster::send(NodeIndex from, NodeIndex to, const wire::node::Message& message) {
  ++messages_;
  if (from == to) throw Violation(name(from) + " sends to itself over the network");
  if (const auto* segment = std::get_if<wire::job::Segment>(&message)) look_at(from, to, *segment);
  if (messages_ % 16 == 0 && !wire::node::decode(wire::node::encode(message))) throw Violation(name(from) + " sends what does not decode");
  const auto fate = network.send(from, to, clock.now_ns());
  if (fate.hint) {
    clock.after(link_timeout_ns, [this, from, to] {
      if (is_up(from)) local(from, life(from), [this, to](Node& node, base::Time now) { node.on_unreachable(nodes_[to].id, now); });
    });
  }
  if (fate.copies == 0) return;
  const auto shared = std::make_shared<const wire::node::Message>(message);
  for (int copy = 0; copy < fate.copies; ++copy) {
    clock.after(fate.delay_ns[copy], [this, from, to, shared] { deliver(from, to, *shared); });
  }
}

void Cluster::deliver(NodeIndex from, NodeIndex to, const wire::node::Message& message) {
  Home& home = nodes_[to];
  if (home.presence == Presence::frozen && home.inbox.size() >= inbox_limit) return;
  if (home.node) {
    return local(to, home.life, [this, from, message](Node& node, base::Time now) {
      node.on_link_message(nodes_[from].id, message, now);
    });
  }
  if (!home.refuses || !runs(from)) return;
  clock.after(network.delay_ns(to, from), [this, from, to] {
    if (is_up(from)) local(from, life(from), [this, to](Node& node, base::Time now) { node.on_unreachable(nodes_[to].id, now); });
  });
}

/// What the checkers and the faults want to know of the conversation of a primary and a host.
void Cluster::look_at(NodeIndex from, NodeIndex to, const wire::job::Segment& segment) {
  if (!wire::job::valid(segment)) throw Violation(name(from) + " sends a segment that is not valid");
  if (segment.kind != wire::job::SegmentKind::data) return;
  const char* step = nullptr;
  if (segment.from_primary) {
    const auto said = wire::job::decode_to_host(segment.payload);
    if (!said) throw Violation(name(from) + " says to a host what does not decode");
    if (std::holds_alternative<wire::job::Prepare>(*said)) step = "prepare";
    if (std::holds_alternative<wire::job::Start>(*said)) step = "start";
    if (std::holds_alternative<wire::keeper::Sweep>(*said)) step = "sweep";
    if (std::holds_alternative<wire::job::Over>(*said)) step = "over";
  } else {
    const auto said = wire::job::decode_to_primary(segment.payload);
    if (!said) throw Violation(name(from) + " says to a primary what does not decode");
    if (std::holds_alternative<wire::job::Prepared>(*said)) {
      step = "prepared";
      if (JobRecord* job = book.find(segment.job)) job->prepared.insert(from);
    }
    if (std::holds_alternative<wire::keeper::Exited>(*said)) step = "exited";
    if (std::holds_alternative<wire::keeper::Swept>(*said)) step = "swept";
  }
  if (!step) return;
  note(from, std::string(step) + " of " + name_of(segment.job) + " to " + name(to) + ", segment " + std::to_string(segment.number));
  if (on_step) on_step(step, from, to);
}

// ---- what it wants -----------------------------------------------------------------------------------

void Cluster::settle(NodeIndex index, bool at_once) {
  Home& home = nodes_[index];
  if (home.settle_planned) return;
  if (at_once || setup_.laziness == 0 || !random_.chance(setup_.laziness)) return take_actions(index);
  home.settle_planned = true;
  const std::uint32_t life_then = home.life;
  clock.after(static_cast<std::int64_t>(random_.unit() * 1e6), [this, index, life_then] {
    Home& later = nodes_[index];
    if (!later.node || later.life != life_then) return;
    later.settle_planned = false;
    if (later.presence == Presence::up) return take_actions(index);
    later.inbox.push_back([this, index] { take_actions(index); });
  });
}

void Cluster::take_actions(NodeIndex index) {
  Home& home = nodes_[index];
  for (auto& action : home.node->take_actions(local_time(index))) dispatch(index, action);
  auto& scheduler = home.node->peer()->scheduler();
  if (!scheduler.consistent()) throw Violation(name(index) + ": its books of cores do not add up");
  if (home.stopping && home.node->idle()) {
    note(index, "ends in order");
    home.refuses = true;
    return end(index, Presence::left);
  }
  arm(index);
}

void Cluster::dispatch(NodeIndex index, daemon::Action& action) {
  if (auto* node = std::get_if<daemon::SendToNode>(&action)) {
    send(index, index_of(node->to.id), node->message);
  } else if (auto* address = std::get_if<daemon::SendToAddress>(&action)) {
    send(index, static_cast<NodeIndex>(std::stoul(address->to.host.substr(7))), wire::node::Message(address->message));
  } else if (auto* told = std::get_if<daemon::ToLauncher>(&action)) {
    const auto launcher = nodes_[index].launchers.find(told->launcher);
    if (launcher != nodes_[index].launchers.end()) launcher->second->on_message(told->message);
  } else if (auto* forget = std::get_if<daemon::ForgetLauncher>(&action)) {
    const auto launcher = nodes_[index].launchers.find(forget->launcher);
    if (launcher != nodes_[index].launchers.end()) launcher->second->on_forget();
  } else if (auto* here = std::get_if<daemon::AtHost>(&action)) {
    auto& part = parts_[{index, here->job}];
    if (!part) {
      JobRecord* job = book.find(here->job);
      if (!job) throw Violation(name(index) + " has a part of a job that nobody submitted");
      part = std::make_shared<Part>(*this, *job, index, random_.split());
    }
    part->carry_out(here->action);
    if (part->forgotten()) parts_.erase({index, here->job});
  } else if (auto* remark = std::get_if<daemon::Remark>(&action)) {
    note(index, remark->text);
  }
}

// Timers go off at whole milliseconds, as an event loop's do.
void Cluster::arm(NodeIndex index) {
  Home& home = nodes_[index];
  if (home.presence != Presence::up) return;
  const base::Time deadline = home.node->next_deadline();
  if (deadline == base::never) return;
  const std::int64_t due = std::max(clock.now_ns(), deadline.time_since_epoch().count() - home.clock_offset_ns);
  const std::int64_t at = (due + ms_ns - 1) / ms_ns * ms_ns;
  if (at >= home.wake_ns) return;
  home.wake_ns = at;
  clock.at(at, [this, index, at] {
    if (nodes_[index].wake_ns == at) wake(index);
  });
}

void Cluster::wake(NodeIndex index) {
  Home& home = nodes_[index];
  home.wake_ns = no_wake;
  if (home.presence != Presence::up) return;
  const base::Time now = local_time(index);
  if (home.node->next_deadline() > now) return arm(index);
  if (home.busy_ns != clock.now_ns()) home.busy = 0;
  home.busy_ns = clock.now_ns();
  if (++home.busy > most_timers_at_once) throw Violation(name(index) + ": a deadline that on_timer does not deal with");
  home.node->on_timer(now);
  settle(index, true);
}

void Cluster::check_leftovers() const {
  for (const auto& [key, part] : parts_) {
    const auto& [host, job] = key;
    if (!is_up(host) || clock.now_ns() - nodes_[host].awake_ns < leftover_ns) continue;
    if (clock.now_ns() - part->began_ns() < leftover_ns) continue;
    const JobRecord& record = part->job();
    if (record.over_ns >= 0 && clock.now_ns() - record.over_ns >= leftover_ns) {
      throw Violation(name(host) + " still has a part of " + name_of(job) + ", which was over at " +
                      std::to_string(static_cast<double>(record.over_ns) * 1e-9));
    }
  }
}

}  // namespace zel::simulation::jobs
