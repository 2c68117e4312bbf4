// Why: each of these benchmarks asks something of a network that has grown and come to rest; this grows it, with
// the simulator's world and the shipped engines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/simulation/world.hpp"

namespace zel::bench {

struct Growth {
  std::size_t nodes = 100;
  std::size_t newcomers = 0;   // that there is room for besides
  double start_s = 10;         // within which all start
  double loss = 0;
  double nat = 0;              // part of the nodes that nobody can send to first
  std::uint64_t seed = 1;
  std::uint32_t most_cores = 8;
  overlay::Config config = overlay::Config::lan();
  simulation::TerrainKind terrain = simulation::TerrainKind::sites;
};

inline std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

class GrownNetwork {
 public:
  explicit GrownNetwork(const Growth& growth)
      : random_(growth.seed),
        world_(setup_of(growth), network_of(growth, random_), random_.split()),
        growth_(growth) {
    simulation::Weather weather;
    weather.loss = growth.loss;
    world_.network().set_weather(weather);
    for (simulation::NodeIndex node = 0; node < growth.nodes; ++node) {
      if (node >= contacts && random_.chance(growth.nat)) world_.network().put_behind_nat(node);
      start_at(node, random_.unit() * growth.start_s);
    }
  }

  void start_at(simulation::NodeIndex node, double seconds) {
    const std::size_t known = std::min<std::size_t>(contacts, std::max<std::size_t>(node, 2));
    const std::vector<simulation::NodeIndex> bootstrap{static_cast<simulation::NodeIndex>(random_.below(known)),
                                                       static_cast<simulation::NodeIndex>(random_.below(known))};
    world_.after(ns(seconds) - world_.now_ns(), [this, node, bootstrap] { world_.start(node, bootstrap); });
  }
  void run_until(double seconds) { world_.run_until(ns(seconds)); }
  simulation::World& world() { return world_; }
  base::Random& random() { return random_; }

  // Nodes whose addresses newcomers are given: a site's well-known ones.
  static constexpr std::size_t contacts = 10;

 private:
  static simulation::WorldSetup setup_of(const Growth& growth) {
    simulation::WorldSetup setup;
    setup.nodes = growth.nodes + growth.newcomers;
    setup.overlay = growth.config;
    setup.most_cores = growth.most_cores;
    return setup;
  }
  static simulation::Network network_of(const Growth& growth, base::Random& random) {
    const std::size_t nodes = growth.nodes + growth.newcomers;
    simulation::Terrain terrain(growth.terrain, nodes, "", random.split());
    return {std::move(terrain), nodes, random.split()};
  }

  base::Random random_;
  simulation::World world_;
  Growth growth_;
};

template <class Value>
Value quantile(std::vector<Value> values, double part) {
  if (values.empty()) return Value{};
  const auto place = static_cast<std::size_t>(part * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(place), values.end());
  return values[place];
}

/// --name value, or `otherwise`.
inline double option(int argc, char** argv, const std::string& name, double otherwise) {
  for (int at = 1; at + 1 < argc; at += 2) {
    if (argv[at] == "--" + name) return std::strtod(argv[at + 1], nullptr);
  }
  return otherwise;
}

}  // namespace zel::bench
