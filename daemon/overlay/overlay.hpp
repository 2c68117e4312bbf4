// Why: to its node the overlay is one thing: who is there, how far, who went. This puts its five engines
// together: the gossip view, the coordinates, the neighbours, the failure detector and the herald; the node speaks to
// nothing else in this folder. Pure: messages and the time in, actions out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/node_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/overlay/actions.hpp"
#include "daemon/overlay/config.hpp"
#include "wire/overlay.hpp"

namespace zel::overlay {

struct OverlaySetup {
  PeerRecord self;  // version and coordinate are filled in by the overlay
  Config config;
  std::vector<Address> bootstrap;  // tried until somebody answers, and again when nobody is left
};

/// What went wrong and was put right, since the start.
struct Counters {
  std::uint64_t wrong_sender = 0;  // a message that describes another node than the one that sent it
  std::uint64_t unasked = 0;       // an answer to nothing that was asked
  std::uint64_t refused_work = 0;  // a request to probe, when too many were under way
  std::uint64_t bad_samples = 0;   // round-trip times or coordinates that cannot be
  std::uint64_t coordinate_resets = 0;
  std::uint64_t failed_exchanges = 0;
  std::uint64_t refutations = 0;  // of rumours about this node
  std::uint64_t accusations = 0;  // by this node, of others that did not answer
  std::uint64_t deaths = 0;       // declared by this node; what it heard of others is not counted
  std::uint64_t lies = 0;         // hearsay of an incarnation that cannot be
  std::uint64_t stalls = 0;       // times this process itself stood still
};

class Overlay {
 public:
  Overlay(OverlaySetup setup, base::Random random, base::Time now);
  ~Overlay();
  Overlay(Overlay&&) noexcept;

  /// A message that decoded and is valid(). `from` is authenticated by the link.
  void on_message(const base::NodeId& from, const wire::overlay::Message& message, base::Time now);
  /// No link to this node could be made, or it broke, at any of its addresses. A hint, not a verdict.
  void on_unreachable(const base::NodeId& peer, base::Time now);
  void on_timer(base::Time now);

  /// Never earlier than what on_timer has already dealt with.
  base::Time next_deadline() const;
  /// What is to be done, in order; empties the list.
  std::vector<Action> take_actions();

  /// This node's own description changed.
  void set_free_cores(std::uint32_t cores);
  void set_addresses(std::vector<Address> addresses);
  /// The nodes through which it is reached, and one address of each.
  void set_relays(std::vector<base::NodeId> relays, std::vector<Address> addresses);
  /// A job depends on this node: it is probed at every round until unwatched as often as watched.
  void watch(const PeerRecord& peer);
  void unwatch(const base::NodeId& peer);
  /// Says to others that this node goes; afterwards it sends nothing more.
  void leave(base::Time now);

  /// This node as it describes itself now.
  const PeerRecord& self() const;
  /// Every node known, alive or not; at most view, fallback and tombstone limits together.
  std::vector<KnownPeer> known() const;
  std::optional<KnownPeer> find(const base::NodeId& peer) const;
  /// Alive ones: the close ones that are kept, nearest first; and the gossip view, in no order. Cheap.
  std::vector<const PeerRecord*> neighbours() const;
  std::vector<const PeerRecord*> view() const;
  /// Estimated round-trip time to a node with this record; measured ones replace the estimate where there are
  /// some.
  base::Duration distance(const PeerRecord& peer) const;
  /// ARRG's perceived network size: the mean gap between two sightings of the same node; 0: too few yet.
  double perceived_size() const;
  /// Lifeguard's awareness of being slow itself: 0 is healthy, 8 the worst.
  int awareness() const;
  Counters counters() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace zel::overlay
