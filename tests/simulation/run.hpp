// Why: one scenario from its start to its end: nodes, jobs and faults, the checkers beside them, and the
// verdict.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/scenario.hpp"

namespace zel::simulation {

struct RunOptions {
  std::string data;      // the folder of the latency matrices; empty: synthetic ones
  bool trace = false;
};

struct Outcome {
  std::string violation;       // empty: all promises were kept
  double at_s = 0;             // virtual time of the violation, or of the end
  double settled_s = 0;        // after the faults ended, until nothing was missing
  std::uint64_t events = 0;
  std::uint64_t messages = 0;
  double bytes = 0;
  std::size_t jobs = 0, found = 0;
  std::uint64_t false_deaths = 0;
};

Outcome run(const Scenario& scenario, const RunOptions& options);

}  // namespace zel::simulation
