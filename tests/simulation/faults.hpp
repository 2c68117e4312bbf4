// Why: what goes wrong in a run, and when: put on the clock before it starts, so that no fault depends on what
// the engines did.
#pragma once

#include "base/random.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/world.hpp"

namespace zel::simulation {

/// The nodes every other one knows the address of; they may fail, but come back.
inline constexpr std::size_t founders = 3;

/// How many nodes the world must have room for.
std::size_t nodes_ever(const Scenario& scenario);

/// Starts the first nodes, and puts all faults and the healing on the clock. Afterwards nothing is stopped,
/// divided or lossy.
void plan_faults(World& world, const Scenario& scenario, base::Random random);

}  // namespace zel::simulation
