#include "tests/simulation/world.hpp"

#include <cstdio>
#include <cstring>
#include <limits>

namespace zel::simulation {

namespace {

constexpr std::int64_t no_wake = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t epoch_s = 1'700'000'000;
constexpr std::size_t inbox_limit = 512;             // what the system buffers for a process that is stopped
constexpr std::uint32_t most_timers_at_once = 1000;
constexpr std::int64_t link_timeout_ns = 3'000'000'000;
constexpr std::int64_t tell_again_ns = 500'000'000;

}  // namespace

World::World(const WorldSetup& setup, Network network, base::Random random)
    : setup_(setup), network_(std::move(network)), random_(random), nodes_(setup.nodes) {
  for (Node& node : nodes_) {
    node.clock_offset_ns = 1'000'000'000 + static_cast<std::int64_t>(random_.below(1'000'000)) * 1'000'000'000;
    node.id_seed = random_();
    node.cores = 1 + static_cast<std::uint32_t>(random_.below(setup_.most_cores));
    node.wake_ns = no_wake;
  }
}

void World::note(NodeIndex node, const std::string& text) const {
  if (setup_.trace) std::printf("%12.6f  n%-5u %s\n", now_s(), node, text.c_str());
}

base::Time World::local_time(NodeIndex node) const {
  return base::Time(base::Duration(now_ns_ + nodes_[node].clock_offset_ns));
}

// Random as keys are, but for the last bytes, which tell the index.
base::NodeId World::id(NodeIndex node) const {
  base::NodeId id;
  base::Random random(nodes_[node].id_seed);
  for (std::size_t word = 0; word < 4; ++word) {
    const std::uint64_t bits = random();
    std::memcpy(&id.bytes[word * 8], &bits, sizeof bits);
  }
  std::memcpy(&id.bytes[28], &node, sizeof node);
  return id;
}

NodeIndex World::index_of(const base::NodeId& id) const {
  NodeIndex node = 0;
  std::memcpy(&node, &id.bytes[28], sizeof node);
  if (node >= nodes_.size()) throw Violation("a message to a node that never was: " + id.short_text());
  return node;
}

wire::overlay::Address World::address(NodeIndex node) const {
  return {"10." + std::to_string(node >> 16) + "." + std::to_string((node >> 8) & 255) + "." + std::to_string(node & 255),
          7000};
}

void World::after(std::int64_t delay_ns, std::function<void()> call) {
  std::uint32_t slot = static_cast<std::uint32_t>(calls_.size());
  if (free_calls_.empty()) {
    calls_.emplace_back();
  } else {
    slot = free_calls_.back();
    free_calls_.pop_back();
  }
  calls_[slot] = std::move(call);
  queue_.push(now_ns_ + delay_ns, EventKind::call, 0, slot);
}

void World::tell(NodeIndex from, NodeIndex to, std::function<void()> call, std::int64_t limit_ns) {
  const std::uint32_t from_life = life(from);
  const std::uint32_t to_life = life(to);
  const std::int64_t delay = from == to ? 0 : network_.delay_ns(from, to);
  after(delay, [this, from, to, from_life, to_life, limit_ns, call = std::move(call)] {
    if (life(from) != from_life || !runs(from) || life(to) != to_life || !runs(to)) return;
    // A job's links are streams that are repaired: from either side, so NAT does not matter here.
    if (is_up(to) && (from == to || network_.passes(from, to, now_ns_) || network_.behind_nat(to))) return call();
    if (limit_ns <= 0) return;
    after(tell_again_ns, [this, from, to, limit_ns, call] { tell(from, to, call, limit_ns - tell_again_ns); });
  });
}

void World::run_until(std::int64_t ns) {
  while (!queue_.empty() && queue_.next_ns() <= ns) {
    const Event event = queue_.pop();
    now_ns_ = event.at_ns;
    ++events_;
    carry_out(event);
  }
  now_ns_ = ns;
}

void World::carry_out(const Event& event) {
  switch (event.kind()) {
    case EventKind::deliver: {
      Flight flight = std::move(flights_[event.item]);
      flights_[event.item] = {};
      free_flights_.push_back(event.item);
      deliver(flight.from, event.node, flight.message);
      return;
    }
    case EventKind::wake:
      if (nodes_[event.node].wake_ns == event.at_ns) wake(event.node);
      return;
    case EventKind::unreachable:
      if (is_up(event.node)) {
        act(event.node, [&](Peer& peer, base::Time now) { peer.on_unreachable(id(event.item), now); });
      }
      return;
    case EventKind::call: {
      const auto call = std::exchange(calls_[event.item], nullptr);
      free_calls_.push_back(event.item);
      call();
      return;
    }
  }
}

void World::deliver(NodeIndex from, NodeIndex to, const PeerMessage& message) {
  Node& node = nodes_[to];
  if (node.presence == Presence::frozen && node.inbox.size() < inbox_limit) node.inbox.emplace_back(from, message);
  if (node.presence == Presence::up) {
    node.peer->on_message(id(from), message, local_time(to));
    settle(to);
  } else if (!node.peer && node.refuses && runs(from)) {
    queue_.push(now_ns_ + network_.delay_ns(to, from), EventKind::unreachable, from, to);
  }
}

void World::wake(NodeIndex index) {
  Node& node = nodes_[index];
  node.wake_ns = no_wake;
  if (node.presence != Presence::up) return;
  const base::Time now = local_time(index);
  if (node.peer->next_deadline() <= now) {
    node.peer->on_timer(now);
    if (node.peer->next_deadline() > now) {
      node.timers_at_once = 0;
    } else if (++node.timers_at_once > most_timers_at_once) {
      throw Violation("a deadline that on_timer does not deal with");
    }
    settle(index);
  } else {
    arm(index);
  }
}

void World::act(NodeIndex node, const std::function<void(Peer&, base::Time)>& act) {
  act(*nodes_[node].peer, local_time(node));
  settle(node);
}

void World::settle(NodeIndex node) {
  auto actions = nodes_[node].peer->take_actions(local_time(node));
  for (auto& action : actions) dispatch(node, std::move(action));
  for (Watcher* watcher : watchers_) watcher->after_event(node);
  arm(node);
}

void World::dispatch(NodeIndex node, PeerAction&& action) {
  if (auto* send_to = std::get_if<daemon::SendToPeer>(&action)) {
    for (Watcher* watcher : watchers_) watcher->on_sent(node, send_to->to, send_to->message);
    send(node, index_of(send_to->to.id), std::move(send_to->message));
  } else if (auto* to_address = std::get_if<overlay::SendToAddress>(&action)) {
    unsigned high = 0;
    unsigned middle = 0;
    unsigned low = 0;
    if (std::sscanf(to_address->to.host.c_str(), "10.%u.%u.%u", &high, &middle, &low) != 3) {
      throw Violation("a message to an address that nobody has: " + to_address->to.host);
    }
    send(node, (high << 16) | (middle << 8) | low, PeerMessage(std::move(to_address->message)));
  } else {
    for (Watcher* watcher : watchers_) watcher->on_action(node, action);
  }
}

void World::send(NodeIndex from, NodeIndex to, PeerMessage&& message) {
  count(message);
  if (from == to) return fly(from, to, std::move(message), 0);
  const auto fate = network_.send(from, to, now_ns_);
  if (fate.hint) queue_.push(now_ns_ + link_timeout_ns, EventKind::unreachable, from, to);
  if (fate.copies == 2) fly(from, to, PeerMessage(message), fate.delay_ns[1]);
  if (fate.copies >= 1) fly(from, to, std::move(message), fate.delay_ns[0]);
}

void World::fly(NodeIndex from, NodeIndex to, PeerMessage&& message, std::int64_t delay_ns) {
  std::uint32_t slot = static_cast<std::uint32_t>(flights_.size());
  if (free_flights_.empty()) {
    flights_.emplace_back();
  } else {
    slot = free_flights_.back();
    free_flights_.pop_back();
  }
  flights_[slot] = {from, std::move(message)};
  queue_.push(now_ns_ + delay_ns, EventKind::deliver, to, slot);
}

// Timers go off at whole milliseconds, as an event loop's do: never early, often a little late.
void World::arm(NodeIndex index) {
  Node& node = nodes_[index];
  if (node.presence != Presence::up) return;
  const base::Time deadline = node.peer->next_deadline();
  if (deadline == base::never) return;
  const std::int64_t due = std::max(now_ns_, deadline.time_since_epoch().count() - node.clock_offset_ns);
  const std::int64_t at = (due + 999'999) / 1'000'000 * 1'000'000;
  if (at >= node.wake_ns) return;
  node.wake_ns = at;
  queue_.push(at, EventKind::wake, index, 0);
}

void World::start(NodeIndex index, const std::vector<NodeIndex>& bootstrap) {
  Node& node = nodes_[index];
  if (node.peer) return;
  daemon::PeerSetup setup;
  setup.overlay.self.id = id(index);
  setup.overlay.self.incarnation = static_cast<std::uint64_t>(epoch_s + now_ns_ / 1'000'000'000) + node.life;
  setup.overlay.self.name = "n" + std::to_string(index);
  setup.overlay.self.addresses = {address(index)};
  setup.overlay.config = setup_.overlay;
  for (const NodeIndex peer : bootstrap) {
    if (peer != index) setup.overlay.bootstrap.push_back(address(peer));
  }
  setup.resources = {node.cores, 1ULL << 34, 1ULL << 36, "x86_64", "Linux", {}};
  if (index % 3 == 0) setup.resources.labels.emplace_back("gpu=true");
  setup.schedule = setup_.schedule;
  ++node.life;
  node.presence = Presence::up;
  node.wake_ns = no_wake;
  node.inbox.clear();
  node.peer = std::make_unique<Peer>(std::move(setup), random_.split(), local_time(index));
  note(index, "starts, life " + std::to_string(node.life));
  for (Watcher* watcher : watchers_) watcher->on_started(index);
  settle(index);
}

void World::end(NodeIndex index, Presence presence) {
  Node& node = nodes_[index];
  node.peer.reset();
  node.presence = presence;
  node.wake_ns = no_wake;
  node.inbox = {};
  for (Watcher* watcher : watchers_) watcher->on_gone(index);
}

void World::crash(NodeIndex index, bool refuses) {
  if (!runs(index)) return;
  note(index, refuses ? "crashes" : "crashes with its host");
  nodes_[index].refuses = refuses;
  end(index, Presence::crashed);
}

void World::leave(NodeIndex index) {
  if (!is_up(index)) return;
  note(index, "leaves");
  act(index, [](Peer& peer, base::Time now) { peer.overlay().leave(now); });
  nodes_[index].refuses = true;
  end(index, Presence::left);
}

void World::freeze(NodeIndex index) {
  if (!is_up(index)) return;
  note(index, "is stopped");
  nodes_[index].presence = Presence::frozen;
  nodes_[index].was_stopped = true;
}

void World::thaw(NodeIndex index, bool timers_first) {
  Node& node = nodes_[index];
  if (node.presence != Presence::frozen) return;
  note(index, "continues, messages waiting: " + std::to_string(node.inbox.size()));
  node.presence = Presence::up;
  const std::uint32_t life_then = node.life;
  const auto inbox = std::exchange(node.inbox, {});
  if (timers_first) wake(index);
  for (const auto& [from, message] : inbox) {
    if (node.presence == Presence::up && node.life == life_then) deliver(from, index, message);
  }
  if (node.presence == Presence::up && node.life == life_then) wake(index);
}

}  // namespace zel::simulation
