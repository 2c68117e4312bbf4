// Why: placement tests read better when a host is one line.
#pragma once

#include <cstdint>
#include <vector>

#include "daemon/deploy/topology.hpp"

namespace zel::deploy {

struct HostShape {
  std::uint32_t packages = 1;
  std::uint32_t numa_per_package = 1;
  std::uint32_t cores_per_numa = 1;
  std::uint32_t threads_per_core = 1;
};

/// The way Linux usually numbers: first threads of all cores, then the second ones.
inline Topology host(const HostShape& shape) {
  Topology topology;
  const std::uint32_t cores_per_package = shape.numa_per_package * shape.cores_per_numa;
  const std::uint32_t cores = shape.packages * cores_per_package;
  for (std::uint32_t c = 0; c < cores; ++c) {
    for (std::uint32_t t = 0; t < shape.threads_per_core; ++t) {
      topology.hwthreads.push_back({.cpu = t * cores + c,
                                    .package = c / cores_per_package,
                                    .numa = c / shape.cores_per_numa,
                                    .core = c % cores_per_package,
                                    .thread = t});
    }
  }
  return topology;
}

inline Topology only(Topology topology, const std::vector<std::uint32_t>& cpus) {
  std::erase_if(topology.hwthreads, [&](const HardwareThread& t) {
    for (const std::uint32_t cpu : cpus) {
      if (cpu == t.cpu) return false;
    }
    return true;
  });
  return topology;
}

}  // namespace zel::deploy
