// Why: the geometry of placement, apart from what is said to the user about it.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/deploy/topology.hpp"
#include "wire/run.hpp"

namespace zel::deploy {

/// Hardware threads that belong together, in the order package, NUMA node, core, thread. Never empty.
using Threads = std::vector<HardwareThread>;

/// The topology's hardware threads in that order.
Threads in_order(const Topology& topology);

/// The cores, in order. `threads` is in order.
std::vector<Threads> cores_of(const Threads& threads);

/// The seats in the order in which ranks take them; see place() for the rules. `per_rank` is at least 1.
std::vector<Threads> mapped_seats(const Threads& threads, wire::run::Binding bind_to,
                                  wire::run::Mapping map_by, std::uint32_t per_rank);

/// All of `threads` that are on the NUMA nodes of `seat`.
Threads widened_to_numa(const Threads& seat, const Threads& threads);

}  // namespace zel::deploy
