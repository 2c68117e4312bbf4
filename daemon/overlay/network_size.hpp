// Why: timeouts and rumours depend on how many nodes there are, and nobody counts them. If entries received
// in gossip are a uniform sample of N nodes, a given node comes again after N entries on average (ARRG's
// perceived network size); a smaller figure tells that some nodes are seen too rarely.
//
// The original remembers the last sighting of every node and averages over the whole run. Here a small set of
// nodes is followed instead: (entries received since they are followed) / (how often they came again) is the
// same mean gap, with gaps still open counted too, so that it is not too low at first. A window of the last
// sightings decides.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/node_id.hpp"
#include "daemon/overlay/actions.hpp"

namespace zel::overlay {

class NetworkSize {
 public:
  /// The records of one message, those of `self` aside.
  void received(std::span<const PeerRecord> records, const base::NodeId& self);
  /// It cannot come again.
  void died(const base::NodeId& id);
  /// Nodes, this one among them; 0: too few sightings yet.
  double perceived() const;

 private:
  std::vector<std::uint64_t> followed_;  // the beginnings of their ids
  std::size_t next_ = 0;                 // whose place is given away next
  double entries_ = 0;                   // summed over those followed
  double sightings_ = 0;
};

}  // namespace zel::overlay
