#include "daemon/schedule/flood.hpp"

#include <algorithm>
#include <chrono>
#include <unordered_set>

#include "daemon/schedule/told.hpp"

namespace zel::schedule {

using wire::overlay::PeerRecord;
using wire::schedule::Metric;
using Peers = std::vector<const PeerRecord*>;

namespace {

/// The `nearest` to this node and random others, `count` in all.
void keep_some(Peers& peers, std::size_t count, std::size_t nearest, const Surroundings& surroundings,
               base::Random& random) {
  struct Near {
    base::Duration distance;
    const PeerRecord* peer;
  };
  std::vector<Near> near;
  for (const auto* peer : peers) near.push_back({surroundings.distance(*peer), peer});
  std::stable_sort(near.begin(), near.end(),
                   [](const Near& a, const Near& b) { return a.distance < b.distance; });
  for (std::size_t i = 0; i < count; ++i) {
    if (i >= nearest) std::swap(near[i], near[i + random.below(near.size() - i)]);
    peers[i] = near[i].peer;
  }
  peers.resize(count);
}

}  // namespace

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

  std::unordered_set<base::NodeId> met{from, self.id, request.search.seeker};
  Peers candidates;
  std::size_t told_already = 1;
  const auto consider = [&](const Peers& peers) {
    for (const auto* peer : peers) {
      if (request.metric == Metric::latency) {
        const auto distance =
            is_seeker ? surroundings.distance(*peer) : surroundings.distance(request.seeker, *peer);
        if (distance > std::chrono::microseconds(request.radius_us)) continue;
      }
      if (!met.insert(peer->id).second) continue;
      if (told.contains(peer->id)) {
        ++told_already;
      } else {
        candidates.push_back(peer);
      }
    }
  };
  consider(surroundings.neighbours());
  if (request.metric != Metric::neighbours) consider(surroundings.view());

  // All that were told pass it on at the same time. Among them they have to send each other node a few
  // copies, so that hardly one gets none; the more were told, the fewer each has to send.
  std::size_t limit = config_->first_fan_out;
  if (!is_seeker) {
    const double share =
        config_->copies * static_cast<double>(candidates.size()) / static_cast<double>(told_already);
    limit = std::min(config_->fan_out, static_cast<std::size_t>(share + random.unit()));
  }
  if (candidates.size() > limit)
    keep_some(candidates, limit, is_seeker ? limit - limit / 4 : limit / 2, surroundings, random);
  if (candidates.empty()) return onward;

  for (const auto* peer : candidates) told.add(peer->id);
  onward.to = std::move(candidates);
  onward.request = request;
  onward.request.hops_left = std::min(request.hops_left, wire::schedule::max_hops) - 1;
  onward.request.told = told.bytes();
  return onward;
}

}  // namespace zel::schedule
