// Why: a node that nobody can dial must be somewhere to be found. This keeps it attached to two relays that are near
// and live, and replaces one that is lost at once. Pure: who could be one, what they said and the time in; what to say
// to whom out. States: docs/protocol/relay.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/relay/config.hpp"
#include "wire/relay.hpp"

namespace zel::relay {

class RelayChoice {
 public:
  struct Say {
    wire::overlay::PeerRecord to;
    wire::relay::Message message;
  };

  explicit RelayChoice(const Config& config) : config_(config) {}

  /// Whether this node needs relays. When not any more, they are told.
  void want(bool wanted, base::Time now);
  void on_attached(const base::NodeId& relay, base::Time now);
  void on_refused(const base::NodeId& relay, base::Time now);
  /// Its link broke, or it is dead.
  void on_lost(const base::NodeId& relay, base::Time now);
  /// `candidates`: nodes that could be relays, the nearest first.
  void on_timer(const std::vector<wire::overlay::PeerRecord>& candidates, base::Time now);
  base::Time next_deadline() const;
  std::vector<Say> take_says() { return std::exchange(says_, {}); }

  bool is_relay(const base::NodeId& node) const;
  bool attached() const { return !relays().empty(); }
  /// Those that answered, the longest attached first.
  std::vector<const wire::overlay::PeerRecord*> relays() const;
  /// Whether relays() is another than at the last call.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  struct Entry {
    wire::overlay::PeerRecord record;
    bool attached = false;
    base::Time say_at;      // Attach, next
    base::Time silent_at;   // when it counts as lost
  };
  void drop(std::vector<Entry>::iterator entry, base::Duration rest, base::Time now);
  std::vector<Entry>::iterator find(const base::NodeId& relay);

  const Config& config_;
  bool wanted_ = false;
  bool changed_ = false;
  std::vector<Entry> entries_;
  std::map<base::NodeId, base::Time> rests_;  // not asked before
  base::Time choose_at_ = base::never;
  std::vector<Say> says_;
};

}  // namespace zel::relay
