// Why: most news can wait for a message that is sent anyway, but three cannot: that this node is here, that it
// is not dead, and that another one is. Those are told at once, to a few, by pings nobody waits for; who hears
// them tells a few more. A budget bounds that: beyond it news travels as all other does, on what is sent anyway.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "daemon/overlay/actions.hpp"
#include "daemon/overlay/config.hpp"
#include "daemon/overlay/peer_table.hpp"

namespace zel::overlay {

class Herald {
 public:
  static constexpr std::size_t most_told_of_refutation = 32;

  Herald(const Config& config, const PeerRecord& self, PeerTable& peers, Actions& out, base::Random random,
         base::Time now);

  /// This node had to refute: tells many within a second, `first` before others.
  void tell_refutation(const std::optional<PeerRecord>& first, base::Time now);
  /// A death was heard of, or found: tells some at random.
  void tell_death(base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const { return std::min(next_step_, next_introduction_); }

 private:
  /// A newcomer says to each of its view in turn that it is here.
  void introduce(base::Time now);
  void step(base::Time now);
  void ping(const PeerRecord& to);
  /// Whether one more ping may be sent now.
  bool spend(base::Time now);

  const Config& config_;
  const PeerRecord& self_;
  PeerTable& peers_;
  Actions& out_;
  base::Random random_;
  double budget_;
  base::Time counted_;               // until when the budget has grown
  base::Time introduction_end_, next_introduction_;
  std::vector<base::NodeId> to_tell_;  // of a refutation, the next one last
  base::Time next_step_ = base::never;
};

}  // namespace zel::overlay
