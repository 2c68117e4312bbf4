#include "daemon/schedule/flood.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "daemon/schedule/told.hpp"

namespace zel::schedule {

using wire::overlay::PeerRecord;
using wire::schedule::Metric;
using Peers = std::vector<const PeerRecord*>;

Flood::Verdict Flood::admit(const base::NodeId& from, const base::NodeId& self,
                            const wire::schedule::Request& request, base::Time now) {
  if (seen_.contains(request.search, request.round)) return Verdict::repeated;
  if (from != self) {
    // A node's own request that it has forgotten is not worth to be handled again.
    if (request.search.seeker == self) return Verdict::repeated;
    if (!rate_.take(from, now)) return Verdict::refused;
  }
  seen_.insert(request.search, request.round, now);
  return Verdict::handle;
}

Flood::Onward Flood::pass_on(const base::NodeId& from, const wire::schedule::Request& request,
                             const Surroundings& surroundings, base::Random& random) const {
  Onward onward;
  if (request.hops_left == 0) return onward;
  const auto& self = surroundings.self();
  const bool is_seeker = request.search.seeker == self.id;
  Told told(request.told, request.round);

  std::unordered_set<base::NodeId> taken{from, self.id, request.search.seeker};
  Peers candidates;
  const auto consider = [&](const Peers& peers) {
    for (const auto* peer : peers) {
      if (request.metric == Metric::latency) {
        const auto distance =
            is_seeker ? surroundings.distance(*peer) : surroundings.distance(request.seeker, *peer);
        if (distance > std::chrono::microseconds(request.radius_us)) continue;
      }
      if (!told.contains(peer->id) && taken.insert(peer->id).second) candidates.push_back(peer);
    }
  };
  consider(surroundings.neighbours());
  if (request.metric != Metric::neighbours) consider(surroundings.view());

  const std::size_t limit = is_seeker ? config_->first_fan_out : config_->fan_out;
  if (candidates.size() > limit) {
    // Nearest to this node first; the second half of what is sent goes to any of the rest.
    struct Near {
      base::Duration distance;
      const PeerRecord* peer;
    };
    std::vector<Near> near;
    for (const auto* peer : candidates) near.push_back({surroundings.distance(*peer), peer});
    std::stable_sort(near.begin(), near.end(),
                     [](const Near& a, const Near& b) { return a.distance < b.distance; });
    const std::size_t sure = limit - limit / (is_seeker ? 4 : 2);
    for (std::size_t i = 0; i < limit; ++i) {
      if (i >= sure) std::swap(near[i], near[i + random.below(near.size() - i)]);
      candidates[i] = near[i].peer;
    }
    candidates.resize(limit);
  }
  if (candidates.empty()) return onward;

  for (const auto* peer : candidates) told.add(peer->id);
  onward.to = std::move(candidates);
  onward.request = request;
  onward.request.hops_left = std::min(request.hops_left, wire::schedule::max_hops) - 1;
  onward.request.told = told.bytes();
  return onward;
}

}  // namespace zel::schedule
