#include "daemon/deploy/placement.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <utility>

#include "daemon/deploy/seats.hpp"
#include "daemon/deploy/where.hpp"

namespace zel::deploy {
namespace {

using wire::run::Binding;
using wire::run::Mapping;
using wire::run::PlacementWish;
using wire::run::RankPlan;

std::uint32_t count(const auto& container) { return static_cast<std::uint32_t>(container.size()); }

std::string counted(std::uint32_t number, std::string_view what) {
  return std::to_string(number) + ' ' + std::string(what) + (number == 1 ? "" : "s");
}

std::string unit_name(const PlacementWish& wish) {
  return wish.bind_to == Binding::hwthread ? "hwthread" : "core";
}

base::Result<void> check(std::uint32_t ranks, const PlacementWish& wish, std::uint32_t units) {
  using base::Errc;
  if (ranks == 0 || ranks > wire::run::max_ranks) {
    return base::fail(Errc::bad_option, "cannot place " + counted(ranks, "rank") + "; ask for 1 to " +
                                            std::to_string(wire::run::max_ranks));
  }
  if (units == 0) {
    return base::fail(Errc::system,
                      "this host shows no usable hardware thread; check the cpuset zel was started in");
  }
  if (wish.cores_per_rank == 0 || wish.cores_per_rank > units) {
    return base::fail(Errc::bad_option,
                      "cannot give a rank " + counted(wish.cores_per_rank, unit_name(wish)) +
                          ": this host has " + counted(units, unit_name(wish)) +
                          " to use; set --cores-per-rank to a number from 1 to " + std::to_string(units));
  }
  return {};
}

std::string crowded(std::uint32_t ranks, const PlacementWish& wish, const Placement& host, bool bound) {
  const bool by_hwthread = wish.bind_to == Binding::hwthread || wish.map_by == Mapping::hwthread;
  std::string text = counted(ranks, "rank");
  if (wish.cores_per_rank > 1) text += " of " + counted(wish.cores_per_rank, unit_name(wish));
  text += " share ";
  text += by_hwthread ? counted(host.hwthreads, "hwthread") : counted(host.cores, "core");
  return text + (bound ? ", bound round robin" : ", unbound");
}

RankPlan plan_of(const Threads& bound, Binding bind_to) {
  RankPlan plan;
  for (const HardwareThread& t : bound) plan.cpus.push_back(t.cpu);
  std::sort(plan.cpus.begin(), plan.cpus.end());
  plan.where = where(bound, bind_to);
  return plan;
}

/// The cores that each rank's bound set leaves to it when ranks with the same set divide it among them.
std::uint32_t cores_per_sharer(const std::vector<RankPlan>& plans, const std::vector<Threads>& bound) {
  std::map<std::vector<std::uint32_t>, std::pair<std::uint32_t, std::uint32_t>> sets;  // sharers, cores
  for (std::size_t r = 0; r < plans.size(); ++r) {
    auto& [sharers, cores] = sets[plans[r].cpus];
    if (sharers++ == 0) cores = count(cores_of(bound[r]));
  }
  std::uint32_t least = std::numeric_limits<std::uint32_t>::max();
  for (const auto& [cpus, use] : sets) least = std::min(least, use.second / use.first);
  return least;
}

}  // namespace

base::Result<Placement> place(const Topology& topology, std::uint32_t ranks, const PlacementWish& wish) {
  const Threads threads = in_order(topology);
  Placement placement;
  placement.cores = count(cores_of(threads));
  placement.hwthreads = count(threads);
  const std::uint32_t units = wish.bind_to == Binding::hwthread ? placement.hwthreads : placement.cores;
  if (auto checked = check(ranks, wish, units); !checked) return tl::unexpected(checked.error());

  const std::vector<Threads> seats = mapped_seats(threads, wish.bind_to, wish.map_by, wish.cores_per_rank);
  const bool crowd = ranks > seats.size();
  const bool unbound = wish.bind_to == Binding::none || (crowd && !wish.binding_given);
  if (crowd) placement.notice = crowded(ranks, wish, placement, !unbound);
  if (!crowd) placement.threads_per_rank = wish.cores_per_rank;

  if (unbound) {
    placement.ranks.assign(ranks, RankPlan{{}, "unbound"});
    if (!crowd) placement.threads_per_rank = std::max(wish.cores_per_rank, placement.cores / ranks);
    return placement;
  }
  std::vector<Threads> bound;
  for (std::size_t r = 0; r < ranks; ++r) {
    const Threads& seat = seats[r % seats.size()];
    bound.push_back(wish.bind_to == Binding::numa ? widened_to_numa(seat, threads) : seat);
    placement.ranks.push_back(plan_of(bound.back(), wish.bind_to));
  }
  if (wish.bind_to == Binding::numa && !crowd) {
    placement.threads_per_rank = std::max(wish.cores_per_rank, cores_per_sharer(placement.ranks, bound));
  }
  return placement;
}

}  // namespace zel::deploy
