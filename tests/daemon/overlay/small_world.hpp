// Why: tests of whole overlays need a network: every message arrives after a given time, unless a test says
// otherwise. The time is virtual and the run is repeatable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <vector>

#include "daemon/overlay/overlay.hpp"

namespace zel::overlay::testing {

inline base::NodeId node_id(std::uint64_t number) {
  base::NodeId id;
  base::Random random(number * 7919 + 1);
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random());
  return id;
}

inline PeerRecord record_of(std::uint64_t number, std::uint64_t incarnation = 1000) {
  PeerRecord record;
  record.id = node_id(number);
  record.incarnation = incarnation;
  record.name = "n" + std::to_string(number);
  record.addresses = {{"10.0.0.1", static_cast<std::uint16_t>(number + 1)}};
  record.cores_total = 4;
  return record;
}

inline wire::overlay::Rumour rumour_of(wire::overlay::RumourKind kind, std::uint64_t subject, std::uint64_t incarnation,
                                       std::uint64_t reporter) {
  return {kind, node_id(subject), incarnation, node_id(reporter), {}};
}

inline wire::overlay::Rumour alive_rumour_of(const PeerRecord& record) {
  return {wire::overlay::RumourKind::alive, record.id, record.incarnation, record.id, {record}};
}

class SmallWorld {
 public:
  explicit SmallWorld(std::uint64_t seed, Config config = Config::lan()) : config_(config), random_(seed) {}

  /// A new node whose bootstrap address is that of node 0.
  std::size_t add() {
    const std::size_t number = nodes_.size();
    OverlaySetup setup{record_of(number), config_, {}};
    if (number > 0) setup.bootstrap = record_of(0).addresses;
    nodes_.push_back(
        {std::make_unique<Overlay>(std::move(setup), random_.split(), now_), true, false, {}, {}});
    numbers_[node_id(number)] = number;
    return number;
  }
  void run(base::Duration time) {
    const base::Time end = now_ + time;
    for (;;) {
      base::Time next = flights_.empty() ? base::never : flights_.top().at;
      std::size_t who = nodes_.size();
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (!runs(i)) continue;
        const base::Time due = std::max(nodes_[i].overlay->next_deadline(), now_);
        if (due < next) {
          next = due;
          who = i;
        }
      }
      if (next > end) break;
      now_ = next;
      if (who < nodes_.size()) {
        nodes_[who].overlay->on_timer(now_);
        collect(who);
      } else {
        Flight flight = flights_.top();
        flights_.pop();
        deliver(flight);
      }
    }
    now_ = end;
  }
  void kill(std::size_t node) { nodes_[node].exists = false; }
  /// As SIGSTOP does: what arrives waits.
  void stop(std::size_t node) { nodes_[node].stopped = true; }
  void go_on(std::size_t node) {
    nodes_[node].stopped = false;
    for (Flight& flight : std::exchange(nodes_[node].waiting, {})) deliver(flight);
  }
  /// What a node's engine would not say.
  void say(std::size_t from, std::size_t to, wire::overlay::Message message) { post(from, to, std::move(message)); }
  Overlay& operator[](std::size_t node) { return *nodes_[node].overlay; }
  std::size_t size() const { return nodes_.size(); }
  base::Time now() const { return now_; }
  /// What the node was told, since the start.
  const std::vector<PeerChanged>& news(std::size_t node) const { return nodes_[node].news; }
  std::size_t count(std::size_t node, PeerChanged::What what) const {
    std::size_t count = 0;
    for (const PeerChanged& each : nodes_[node].news) count += each.what == what ? 1 : 0;
    return count;
  }
  PeerState state(std::size_t of, std::size_t at) const {
    const auto found = nodes_[at].overlay->find(node_id(of));
    return found ? found->state : PeerState::dead;
  }
  void collect(std::size_t node) {
    for (Action& action : nodes_[node].overlay->take_actions()) {
      if (auto* send = std::get_if<Send>(&action)) {
        post(node, numbers_.at(send->to.id), std::move(send->message));
      } else if (auto* bootstrap = std::get_if<SendToAddress>(&action)) {
        post(node, bootstrap->to.port - 1u, std::move(bootstrap->message));
      } else {
        nodes_[node].news.push_back(std::get<PeerChanged>(std::move(action)));
      }
    }
  }

  /// Whether a message from one to another arrives.
  std::function<bool(std::size_t, std::size_t)> arrives = [](std::size_t, std::size_t) { return true; };
  std::function<base::Duration(std::size_t, std::size_t)> delay = [](std::size_t, std::size_t) {
    return std::chrono::milliseconds(5);
  };
  std::uint64_t bytes_sent = 0;
  std::uint64_t messages_sent = 0;

 private:
  struct Flight {
    base::Time at;
    std::uint64_t order;
    std::size_t from, to;
    std::shared_ptr<wire::overlay::Message> message;
    bool operator>(const Flight& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  struct Node {
    std::unique_ptr<Overlay> overlay;
    bool exists = true;
    bool stopped = false;
    std::vector<PeerChanged> news;
    std::vector<Flight> waiting;
  };

  bool runs(std::size_t node) const { return nodes_[node].exists && !nodes_[node].stopped; }
  void post(std::size_t from, std::size_t to, wire::overlay::Message message) {
    ++messages_sent;
    bytes_sent += wire::overlay::encode(message).size();
    if (!arrives(from, to)) return;
    flights_.push({now_ + delay(from, to), order_++, from, to,
                   std::make_shared<wire::overlay::Message>(std::move(message))});
  }
  void deliver(Flight& flight) {
    Node& to = nodes_[flight.to];
    if (!to.exists) return;
    if (to.stopped) {
      to.waiting.push_back(flight);
      return;
    }
    to.overlay->on_message(node_id(flight.from), *flight.message, now_);
    collect(flight.to);
  }

  Config config_;
  base::Random random_;
  base::Time now_{std::chrono::hours(1)};
  std::vector<Node> nodes_;
  std::map<base::NodeId, std::size_t> numbers_;
  std::priority_queue<Flight, std::vector<Flight>, std::greater<>> flights_;
  std::uint64_t order_ = 0;
};

}  // namespace zel::overlay::testing
