// Why: a relay carries what is not its own, so it must cost it little and serve all alike: its clients are counted,
// what waits is bounded for each sender, each receiver and in all, no sender goes faster than its rate, and those who
// send to one receiver take turns by bytes (deficit round robin, Shreedhar and Varghese 1995). What has no room is
// refused and counted. Pure: messages, room and the time in, messages out.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

#include "daemon/relay/config.hpp"
#include "wire/relay.hpp"

namespace zel::relay {

class Forwarder {
 public:
  struct Out {
    wire::overlay::PeerRecord to;
    base::Bytes message;
  };
  struct Counters {
    std::uint64_t forwarded = 0;
    std::uint64_t forwarded_bytes = 0;
    std::uint64_t refused = 0;        // no room
    std::uint64_t lost = 0;           // waited for a receiver that went
  };
  /// Whether the link to this node takes more now.
  using Room = std::function<bool(const base::NodeId&)>;

  explicit Forwarder(const Config& config) : config_(config) {}

  /// False: there is no room for another client.
  bool attach(const base::NodeId& client, base::Time now);
  void detach(const base::NodeId& client) { clients_.erase(client); }
  bool is_client(const base::NodeId& node) const { return clients_.contains(node); }
  std::size_t clients() const { return clients_.size(); }

  /// False: refused, there is no room for it.
  bool admit(const base::NodeId& sender, const wire::overlay::PeerRecord& to, base::Bytes message, base::Time now);
  /// Its link broke: what waits for it is dropped. A client attaches anew.
  void on_lost(const base::NodeId& node);
  void on_timer(base::Time now);
  /// What goes out now. Call it when something was admitted, when a link has room again, and at next_deadline().
  std::vector<Out> pump(const Room& room, base::Time now);
  base::Time next_deadline() const;

  const Counters& counters() const { return counters_; }
  std::size_t queued_bytes() const { return queued_bytes_; }

 private:
  struct Flow {  // from one sender to one receiver
    std::deque<base::Bytes> items;
    std::size_t deficit = 0;
    bool fresh = true;  // its turn has not begun
  };
  struct Receiver {
    wire::overlay::PeerRecord record;
    std::unordered_map<base::NodeId, Flow> flows;
    std::deque<base::NodeId> turns;  // senders with something queued
    std::size_t bytes = 0;
  };
  struct Sender {
    double tokens = 0;
    base::Time filled_at;
    std::size_t bytes = 0;
  };
  void fill(Sender& sender, base::Time now) const;
  void serve(Receiver& receiver, const Room& room, base::Time now, std::vector<Out>& out);
  void taken(const base::NodeId& sender, Receiver& receiver, std::size_t size);

  const Config& config_;
  std::unordered_map<base::NodeId, base::Time> clients_;  // last heard
  std::map<base::NodeId, Receiver> receivers_;            // with something queued
  std::unordered_map<base::NodeId, Sender> senders_;
  std::size_t queued_bytes_ = 0;
  base::Time tokens_at_ = base::never;  // when a sender that waits for its rate may go on
  base::Time sweep_at_ = base::never;
  Counters counters_;
};

}  // namespace zel::relay
