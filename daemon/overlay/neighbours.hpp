// Why: work should go to near nodes first, so each node keeps the nearest it has heard of, by measured
// round-trip time. The original noted that such a graph falls apart into clusters; so some far ones, chosen
// at random, are kept too, and who counts this node among its neighbours is one in return: nobody has a road
// out and none in.
#pragma once

#include <vector>

#include "daemon/overlay/beliefs.hpp"
#include "daemon/overlay/coordinates.hpp"

namespace zel::overlay {

/// Measured where it was, else estimated. Seconds.
double distance_to_s(const Peer& peer, const Coordinates& coordinates);

class Neighbours {
 public:
  Neighbours(const Config& config, const Coordinates& coordinates, PeerTable& peers, base::Random random,
             base::Time now);

  void on_timer(base::Time now);
  base::Time next_deadline() const { return next_; }
  /// It says that this node is a neighbour of its.
  void counted_by(const PeerRecord& record, Beliefs& beliefs, base::Time now);
  /// Candidates that were never measured; empties the list.
  std::vector<base::NodeId> take_unmeasured() { return std::exchange(unmeasured_, {}); }
  /// Every neighbour, the nearest first.
  std::vector<PeerTable::Slot> all() const;

 private:
  void choose_close();
  void choose_far();

  const Config& config_;
  const Coordinates& coordinates_;
  PeerTable& peers_;
  base::Random random_;
  base::Time next_;
  std::vector<base::NodeId> unmeasured_;
};

}  // namespace zel::overlay
