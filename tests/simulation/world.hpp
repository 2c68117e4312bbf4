// Why: a whole network in one thread: the shipped engines, a virtual clock, a virtual network. All that happens
// follows from the seed; what it means is for the watchers to say.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "daemon/peer.hpp"
#include "tests/simulation/event_queue.hpp"
#include "tests/simulation/network.hpp"

namespace zel::simulation {

using NodeIndex = std::uint32_t;
using daemon::Peer;
using daemon::PeerAction;
using daemon::PeerMessage;

/// A promise was broken. The run ends with it.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Sees what nodes do. Watchers are asked in the order they were added.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_started(NodeIndex) {}
  virtual void on_gone(NodeIndex) {}           // crashed or left; its peer is no more
  virtual void on_sent(NodeIndex, const wire::overlay::PeerRecord&, const PeerMessage&) {}
  virtual void on_action(NodeIndex, const PeerAction&) {}  // all but sends
  virtual void after_event(NodeIndex) {}
};

enum class Presence : std::uint8_t { absent, up, frozen, crashed, left };

struct WorldSetup {
  std::size_t nodes = 0;             // all there will ever be; they start when told to
  overlay::Config overlay;
  schedule::Config schedule;
  std::uint32_t most_cores = 8;      // of one node; each has 1 to this many
  bool trace = false;
};

/// Messages by kind: the overlay's six, then scheduling's six.
struct Traffic {
  static constexpr std::size_t kinds = 12;
  std::array<std::uint64_t, kinds> messages{}, sampled{}, sampled_bytes{};
  double bytes(std::size_t kind) const;
  double bytes() const;
  std::uint64_t count() const;
  static const char* name_of(std::size_t kind);
};

class World {
 public:
  World(const WorldSetup& setup, Network network, base::Random random);

  // ---- time ----
  std::int64_t now_ns() const { return now_ns_; }
  double now_s() const { return static_cast<double>(now_ns_) * 1e-9; }
  /// Carries out everything that is due until then.
  void run_until(std::int64_t ns);
  void after(std::int64_t delay_ns, std::function<void()> call);
  /// Carried out at `to` as if a message had brought it there: over the network, repeated while it is lost or
  /// the other is frozen, and given up when one of the two is no more or after `limit_ns`.
  void tell(NodeIndex from, NodeIndex to, std::function<void()> call, std::int64_t limit_ns = 60'000'000'000);

  // ---- nodes ----
  std::size_t size() const { return nodes_.size(); }
  Presence presence(NodeIndex node) const { return nodes_[node].presence; }
  bool is_up(NodeIndex node) const { return nodes_[node].presence == Presence::up; }
  /// Counts the starts of a node: another life, another memory.
  std::uint32_t life(NodeIndex node) const { return nodes_[node].life; }
  bool was_stopped(NodeIndex node) const { return nodes_[node].was_stopped; }
  std::uint32_t cores(NodeIndex node) const { return nodes_[node].cores; }
  Peer& peer(NodeIndex node) { return *nodes_[node].peer; }
  const Peer& peer(NodeIndex node) const { return *nodes_[node].peer; }
  bool runs(NodeIndex node) const { return nodes_[node].peer != nullptr; }
  base::Time local_time(NodeIndex node) const;
  base::NodeId id(NodeIndex node) const;
  NodeIndex index_of(const base::NodeId& id) const;
  wire::overlay::Address address(NodeIndex node) const;

  void start(NodeIndex node, const std::vector<NodeIndex>& bootstrap);
  /// `refuses`: its host is there and says at once that nobody listens.
  void crash(NodeIndex node, bool refuses);
  void leave(NodeIndex node);
  void freeze(NodeIndex node);
  /// `timers_first`: as an event loop does that looks at its clock before its sockets.
  void thaw(NodeIndex node, bool timers_first);
  /// Calls `act` with the node's engines and carries out what they want then.
  void act(NodeIndex node, const std::function<void(Peer&, base::Time)>& act);

  void add(Watcher& watcher) { watchers_.push_back(&watcher); }
  Network& network() { return network_; }
  const Network& network() const { return network_; }
  const WorldSetup& setup() const { return setup_; }
  const Traffic& traffic() const { return traffic_; }
  std::uint64_t events() const { return events_; }
  void note(NodeIndex node, const std::string& text) const;

 private:
  struct Node {
    std::unique_ptr<Peer> peer;
    std::int64_t clock_offset_ns = 0;   // no two monotonic clocks agree
    std::int64_t wake_ns = 0;
    std::uint64_t id_seed = 0;
    std::uint32_t cores = 0;
    std::uint32_t life = 0;
    std::uint32_t timers_at_once = 0;
    Presence presence = Presence::absent;
    bool refuses = false;
    bool was_stopped = false;           // ever
    std::vector<std::pair<NodeIndex, PeerMessage>> inbox;  // while frozen
  };
  struct Flight {
    NodeIndex from = 0;
    PeerMessage message;
  };
  void carry_out(const Event& event);
  void deliver(NodeIndex from, NodeIndex to, const PeerMessage& message);
  void wake(NodeIndex node);
  void settle(NodeIndex node);
  void dispatch(NodeIndex node, PeerAction&& action);
  void send(NodeIndex from, NodeIndex to, PeerMessage&& message);
  void fly(NodeIndex from, NodeIndex to, PeerMessage&& message, std::int64_t delay_ns);
  void count(const PeerMessage& message);
  void arm(NodeIndex node);
  void end(NodeIndex node, Presence presence);

  WorldSetup setup_;
  Network network_;
  base::Random random_;
  std::int64_t now_ns_ = 0;
  EventQueue queue_;
  std::vector<Node> nodes_;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_flights_;
  std::vector<std::function<void()>> calls_;
  std::vector<std::uint32_t> free_calls_;
  std::vector<Watcher*> watchers_;
  Traffic traffic_;
  std::uint64_t events_ = 0;
};

}  // namespace zel::simulation
