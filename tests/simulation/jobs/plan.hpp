// Why: a run is told by one number: nodes, jobs and what goes wrong are drawn from the seed. Faults strike at
// random times, and at the steps of a job at which they hurt most.
#pragma once

#include <cstdint>
#include <string>

#include "base/random.hpp"
#include "tests/simulation/jobs/cluster.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/terrain.hpp"

namespace zel::simulation::jobs {

struct Scenario {
  std::uint64_t seed = 0;
  std::size_t nodes = 0;
  TerrainKind terrain = TerrainKind::lan;
  std::string preset;            // of the overlay's constants
  Weather weather;               // until the faults end
  std::size_t crashes = 0;       // some start again under the same id
  std::size_t freezes = 0;       // SIGSTOP, and SIGCONT up to 20 s later
  std::size_t stops = 0;         // in order
  std::size_t partitions = 0;    // of all nodes, or of one from the others; some one-way
  std::size_t strikes = 0;       // one of these at a step of a job
  std::size_t jobs = 0;
  double keen = 0;               // of launchers: do what a user does: signal, kill, vanish
  double clumsy = 0;             // of jobs: ranks, keepers and hosts that fail
  double laziness = 0;
  std::uint32_t most_cores = 4;
  double faulty_s = 0;

  bool calm() const { return crashes + freezes + stops + partitions + strikes == 0 && weather.loss == 0; }
  overlay::Config overlay() const { return overlay_of(preset); }
  std::string text() const;
};

Scenario draw_scenario(std::uint64_t seed);

/// Strikes when told to; everything it breaks is mended when the faults end.
class Faults {
 public:
  Faults(Cluster& cluster, const Scenario& scenario, base::Random random);

  void plan();

 private:
  enum class Kind : std::uint8_t { crash, freeze, stop, partition };

  NodeIndex any() { return static_cast<NodeIndex>(random_.below(scenario_.nodes)); }
  std::vector<NodeIndex> contacts();
  void strike(Kind kind, NodeIndex node);
  void crash(NodeIndex node);
  void freeze(NodeIndex node);
  void divide(NodeIndex node);
  void heal_all();

  Cluster& cluster_;
  const Scenario& scenario_;
  base::Random random_;
  std::size_t strikes_left_;
  std::uint64_t division_ = 0;
};

void plan_jobs(Cluster& cluster, const Scenario& scenario, base::Random random);

}  // namespace zel::simulation::jobs
