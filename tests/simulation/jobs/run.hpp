// Why: one scenario from its start to its end, with the verdict.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/jobs/plan.hpp"

namespace zel::simulation::jobs {

struct Outcome {
  std::string violation;       // empty: all promises were kept
  double at_s = 0;             // virtual time of the violation, or of the end
  double settled_s = 0;        // after the faults ended, until nothing was left
  std::uint64_t events = 0;
  std::uint64_t messages = 0;
  std::size_t jobs = 0, planned = 0;
};

Outcome run(const Scenario& scenario, bool trace);

}  // namespace zel::simulation::jobs
