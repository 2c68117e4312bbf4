#include "tests/simulation/scenario.hpp"

#include <cmath>
#include <cstdio>

namespace zel::simulation {

overlay::Config Scenario::overlay() const {
  if (preset == "local") return overlay::Config::local();
  if (preset == "wan") return overlay::Config::wan();
  return overlay::Config::lan();
}

std::string Scenario::text() const {
  char line[512];
  std::snprintf(line, sizeof line,
                "%zu nodes, %s, preset %s, %.0f s of faults: loss %.0f %%, doubled %.0f %%, late %.0f %%, jitter %.0f %%, "
                "%zu crashes, %zu leaves, %zu joins, %zu stops, %zu partitions, NAT %.0f %%, %zu jobs",
                nodes, name_of(terrain), preset.c_str(), faulty_s, weather.loss * 100, weather.duplicate * 100,
                weather.late * 100, weather.jitter * 100, faults.crashes, faults.leaves, faults.joins, faults.stops,
                faults.partitions, faults.nat * 100, jobs);
  return line;
}

Scenario draw_scenario(std::uint64_t seed) {
  base::Random random(seed * 0x9e3779b97f4a7c15u + 1);
  Scenario drawn;
  drawn.seed = seed;
  // Few nodes most of the time: they are quick, and races need no more than three.
  drawn.nodes = static_cast<std::size_t>(3 * std::pow(20.0, std::pow(random.unit(), 2.0)));
  const double terrain = random.unit();
  drawn.terrain = terrain < 0.4   ? TerrainKind::lan
                  : terrain < 0.7 ? TerrainKind::sites
                  : terrain < 0.9 ? TerrainKind::aws
                                  : TerrainKind::planetlab;
  drawn.preset = drawn.terrain == TerrainKind::lan ? (random.chance(0.3) ? "local" : "lan") : (random.chance(0.3) ? "lan" : "wan");
  const auto sometimes = [&](double probability, double most) {
    return random.chance(probability) ? random.unit() * most : 0;
  };
  const auto few = [&](double probability, std::size_t most) {
    return random.chance(probability) ? 1 + random.below(most) : 0;
  };
  drawn.weather.jitter = random.between(0, 0.5);
  drawn.weather.loss = sometimes(0.5, 0.3);
  drawn.weather.duplicate = sometimes(0.4, 0.2);
  drawn.weather.late = sometimes(0.4, 0.1);
  drawn.weather.hint = sometimes(0.5, 1);
  drawn.faults.crashes = few(0.5, 1 + drawn.nodes / 4);
  drawn.faults.leaves = few(0.4, 1 + drawn.nodes / 6);
  drawn.faults.joins = few(0.5, 1 + drawn.nodes / 4);
  drawn.faults.stops = few(0.4, 1 + drawn.nodes / 6);
  drawn.faults.partitions = few(0.35, 2);
  drawn.faults.nat = sometimes(0.1, 0.8);
  drawn.jobs = few(0.85, 3 + drawn.nodes);
  drawn.faulty_s = random.between(10, 60);
  drawn.quiet_s = 600;
  return drawn;
}

Scenario quiet_scenario(std::uint64_t seed, std::size_t nodes, double seconds, double settle_s) {
  Scenario quiet;
  quiet.seed = seed;
  quiet.nodes = nodes;
  quiet.terrain = TerrainKind::sites;
  quiet.preset = "wan";
  quiet.jobs = 10;
  quiet.faulty_s = seconds;
  quiet.quiet_s = settle_s;
  return quiet;
}

}  // namespace zel::simulation
