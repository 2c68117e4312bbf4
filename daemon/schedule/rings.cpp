#include "daemon/schedule/rings.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <vector>

#include "daemon/schedule/requirements.hpp"
#include "daemon/schedule/scheduler.hpp"

namespace zel::schedule {

using wire::schedule::Metric;

namespace {

constexpr double reserve =
    1.5;  // gossip is old news: so many times the cores wanted must be known to be free

struct Known {
  base::Duration distance;
  std::uint32_t ranks;  // that it has room for, says gossip
};

std::vector<Known> known_peers(const Wanted& wanted, const std::vector<const PeerRecord*>& neighbours,
                               const Surroundings& surroundings) {
  std::unordered_set<base::NodeId> met{surroundings.self().id};
  std::vector<Known> known;
  const auto meet = [&](const std::vector<const PeerRecord*>& peers) {
    for (const auto* peer : peers) {
      if (!met.insert(peer->id).second) continue;
      const bool is_in = left_out(wanted.requirements, *peer).empty();
      known.push_back({surroundings.distance(*peer), is_in ? peer->cores_free / wanted.cores_per_rank : 0});
    }
  };
  meet(neighbours);
  meet(surroundings.view());
  std::sort(known.begin(), known.end(),
            [](const Known& a, const Known& b) { return a.distance < b.distance; });
  return known;
}

base::Duration farthest(const Surroundings& surroundings) {
  base::Duration far{};
  for (const auto* peer : surroundings.neighbours()) far = std::max(far, surroundings.distance(*peer));
  for (const auto* peer : surroundings.view()) far = std::max(far, surroundings.distance(*peer));
  return far;
}

Ring timed(Ring ring, base::Duration reach, const Config& config) {
  ring.reach = reach;
  ring.length = std::max(config.smallest_round, 3 * reach);
  return ring;
}

Ring latency_ring(base::Duration radius, base::Duration far, const Config& config) {
  Ring ring{.hops = wire::schedule::max_hops};
  // Beyond the farthest node known there may be others: the last ring has no border.
  ring.widest = radius >= far || radius >= config.largest_radius;
  ring.radius = ring.widest ? config.largest_radius : radius;
  return timed(ring, std::min(radius, std::max(far, config.smallest_radius)), config);
}

Ring hop_ring(std::uint32_t hops, const Wanted& wanted, base::Duration far, const Config& config) {
  const std::uint32_t most = wanted.metric == Metric::neighbours ? 1
                             : wanted.hops != 0 ? std::min(wanted.hops, wire::schedule::max_hops)
                                                : wire::schedule::max_hops;
  Ring ring{.hops = std::min(hops, most)};
  ring.widest = ring.hops == most;
  return timed(ring, far, config);
}

}  // namespace

Ring first_ring(const Wanted& wanted, std::uint32_t own_cores, const Surroundings& surroundings,
                const Config& config) {
  const auto neighbours = surroundings.neighbours();
  const auto known = known_peers(wanted, neighbours, surroundings);
  const base::Duration far = known.empty() ? base::Duration{} : known.back().distance;
  if (wanted.metric != Metric::latency) return hop_ring(1, wanted, far, config);
  // Who names hosts wants those, wherever they are.
  if (known.empty() || !wanted.requirements.hosts.empty())
    return latency_ring(config.largest_radius, far, config);

  const double needed = reserve * wanted.ranks;
  double room = own_cores / wanted.cores_per_rank;
  base::Duration radius = config.largest_radius;
  for (const auto& peer : known) {
    room += peer.ranks;
    if (room < needed) continue;
    radius = peer.distance;
    break;
  }
  // The view is a sample, so most nodes near by are not in it; the neighbours are nearly all that are that
  // near. Nodes are taken to lie as on a plane: twice as far, four times as many.
  if (!neighbours.empty()) {
    const std::size_t middle = neighbours.size() / 2;
    double close_room = 1;
    for (std::size_t i = 0; i <= middle; ++i) close_room += neighbours[i]->cores_free / wanted.cores_per_rank;
    const double close_ms = base::seconds(surroundings.distance(*neighbours[middle])) * 1e3;
    const double estimate_ms = std::min(close_ms * std::sqrt(std::max(1.0, needed / close_room)), 1e7);
    radius = std::min(radius, base::Duration(static_cast<std::int64_t>(estimate_ms * 1e6)));
  }
  // Nearly all that is known is needed: the next ring would be the widest anyway.
  if (room < needed && 4 * radius >= 3 * far) radius = config.largest_radius;
  radius = std::max({radius, config.smallest_radius, known.front().distance});
  return latency_ring(radius, far, config);
}

Ring next_ring(const Ring& ring, const Wanted& wanted, const Surroundings& surroundings,
               const Config& config) {
  const auto far = farthest(surroundings);
  if (wanted.metric != Metric::latency) return hop_ring(2 * ring.hops, wanted, far, config);
  return latency_ring(std::min(2 * ring.radius, config.largest_radius), far, config);
}

}  // namespace zel::schedule
