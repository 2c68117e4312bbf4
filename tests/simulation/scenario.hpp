// Why: a run is told by one number. Everything about it (how many nodes, how far apart, what goes wrong and how
// often) is drawn from the seed, so that the seed alone plays it again.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/overlay/config.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/terrain.hpp"

namespace zel::simulation {

/// How many of each fault strike in the faulty part of the run.
struct FaultMix {
  std::size_t crashes = 0;      // half of them start again, with the same id
  std::size_t leaves = 0;
  std::size_t joins = 0;        // of nodes that were not there at the start
  std::size_t stops = 0;        // SIGSTOP, and SIGCONT up to 20 s later
  std::size_t partitions = 0;   // one at a time
  double nat = 0;               // part of the nodes that nobody can send to first
};

/// The constants of this preset: local, lan, wan.
overlay::Config overlay_of(const std::string& preset);

struct Scenario {
  std::uint64_t seed = 0;
  std::size_t nodes = 0;         // at the start
  TerrainKind terrain = TerrainKind::lan;
  std::string preset;            // of the overlay's constants: local, lan, wan
  Weather weather;               // until the faults end
  FaultMix faults;
  std::size_t jobs = 0;
  double faulty_s = 0;           // how long things go wrong
  double quiet_s = 0;            // how long it may take until all is well again

  /// Nothing here excuses taking a live node for dead, that was not stopped and did not start again.
  bool gentle() const { return weather.loss <= 0.1 && faults.partitions == 0 && faults.nat == 0; }
  overlay::Config overlay() const { return overlay_of(preset); }
  std::string text() const;
};

Scenario draw_scenario(std::uint64_t seed);
/// Nothing goes wrong.
Scenario quiet_scenario(std::uint64_t seed, std::size_t nodes, double seconds, double settle_s);

}  // namespace zel::simulation
