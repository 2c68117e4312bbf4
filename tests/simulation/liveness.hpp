// Why: what must come true once the faults have ended, given time. Asked now and then; the answer is what is
// still missing.
#pragma once

#include <string>

#include "tests/simulation/ledger.hpp"
#include "tests/simulation/workload.hpp"
#include "tests/simulation/world.hpp"

namespace zel::simulation {

/// Empty: nothing is missing. Else the first thing that is.
std::string still_missing(const World& world, const Workload& workload, const Ledger& ledger);
/// Whether everybody who is up can be reached from everybody, from view to view; with NAT too, where a node is
/// reached by those it talks to. Empty: yes; else who is not.
std::string unreachable_node(const World& world);

}  // namespace zel::simulation
