// Why: users are surprised by binding rules that change with the number of ranks. Here is one rule for every
// number, as a pure function, so that it can be printed, tested and trusted before anything is started.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "daemon/deploy/topology.hpp"
#include "wire/run.hpp"

namespace zel::deploy {

/// Where every rank runs. The fields have the names and meanings they have in wire::run::Planned.
struct Placement {
  std::vector<wire::run::RankPlan> ranks;  // index is the rank
  std::uint32_t cores = 0;                 // cores with at least one usable hardware thread
  std::uint32_t hwthreads = 0;             // usable hardware threads
  std::uint32_t threads_per_rank = 1;
  std::string notice;
};

/// Plans `ranks` ranks on a host.
///
/// Units. A rank is given K = cores_per_rank units: hardware threads with bind_to hwthread, cores (all their
/// usable hardware threads) with every other binding.
///
/// Seats. The units of the host are cut into seats of K neighbours, each unit into one seat at most: first
/// inside a core, then inside a NUMA node, then a package, then the host, so that a seat crosses a border
/// only when nothing narrower is left. There are floor(units / K) seats; the narrow ones come first, and
/// within the same width they follow the order package, NUMA node, core, thread.
///
/// Mapping puts the seats in order; rank r takes seat r. So a rank's place does not depend on how many
/// ranks there are, as long as there are seats for all.
///   core      seats in order; with bind_to hwthread the first seat of every core, then the second, …
///   hwthread  seats in order; with a wider binding every seat is taken as many times in a row as its cores
///             have hardware threads (the smallest count among them)
///   numa      round robin over the NUMA nodes, each in the order of map_by core; full ones are passed over
///   package   the same over the packages
///
/// Binding widens the seat to what the rank is bound to:
///   hwthread, core   the seat itself
///   numa             every usable hardware thread of the NUMA nodes the seat touches
///   none             nothing: `cpus` is empty and `where` is "unbound"
///
/// More ranks than seats is never an error, and never silent (`notice` is one line for the user):
///   binding not given, or none   all ranks run unbound      "6 ranks share 2 cores, unbound"
///   binding given                rank r takes seat r modulo the number of seats
///                                                           "6 ranks share 2 cores, bound round robin"
///
/// threads_per_rank is 1 when there are more ranks than seats; else K with bind_to core and hwthread, where
/// hardware threads beyond the first of a core do not count, as number crunching seldom gains from them. With
/// numa and none it is the cores at hand divided by the ranks that share them, K at least.
///
/// `cpus` is sorted. `where` reads "package 0 core 3", "package 0 cores 2-3",
/// "package 1 core 2 hwthread 0", "package 0 numa 1" or, of a NUMA node over several packages, "numa 0";
/// parts are joined by ", ".
///
/// Errors: bad_option when ranks is 0 or above wire::run::max_ranks, or when K is 0 or more than the host
/// has; system when the topology is empty. Time: O(threads log threads + length of the answer).
base::Result<Placement> place(const Topology& topology, std::uint32_t ranks,
                              const wire::run::PlacementWish& wish);

}  // namespace zel::deploy
