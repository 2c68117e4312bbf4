// Why: a node that did not answer is not dead yet: it has a while to say so, the shorter the more nodes
// accuse it independently (Lifeguard, section IV.B). The formulas are memberlist's.
#pragma once

#include <cstddef>
#include <vector>

#include "base/node_id.hpp"
#include "base/time.hpp"
#include "daemon/overlay/config.hpp"

namespace zel::overlay {

/// min = multiplier x max(1.5, log10 nodes) x probe_interval.
base::Duration least_suspicion(const Config& config, double nodes);
/// How often a rumour is passed on: multiplier x ceil(log10(nodes + 1)).
std::uint32_t rumour_passes(const Config& config, double nodes);

class Suspicion {
 public:
  /// Both limits are multiplied by `patience`.
  Suspicion(const Config& config, double nodes, int patience, const base::NodeId& reporter, base::Time now);

  /// Another node accuses it too. True: it was not counted yet, and is now.
  bool confirm(const base::NodeId& reporter);
  /// When it counts as dead: start + max - (max - min) x log(n + 1) / log(k + 1), for n of k confirmations.
  base::Time deadline() const;
  /// The time did not pass for this node: not earlier than `earliest` either.
  void put_off(base::Duration gap, base::Time earliest);
  std::size_t confirmations() const { return reporters_.size() - 1; }

 private:
  std::vector<base::NodeId> reporters_;  // at most k + 1, the first accuser among them
  std::size_t wanted_;                   // k
  base::Duration least_, most_;
  base::Time start_, earliest_{};
};

}  // namespace zel::overlay
