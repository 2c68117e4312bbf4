// Why: placement is worth testing on hosts nobody here owns, so it sees a host as this plain list. Only the
// probe in daemon/io knows the library that fills it.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace zel::deploy {

/// One hardware thread that ranks may use.
///
/// Packages, cores and threads carry the numbers they have on the whole host, usable or not, so that a name
/// like "package 1 core 2" means the same core inside a restricted cpuset as outside. A core is identified
/// by (package, core).
struct HardwareThread {
  std::uint32_t cpu = 0;      // the operating system's number; unique
  std::uint32_t package = 0;  // number on the host
  std::uint32_t numa = 0;     // the operating system's number of the nearest NUMA node
  std::uint32_t core = 0;     // number within the package
  std::uint32_t thread = 0;   // number within the core
  auto operator<=>(const HardwareThread&) const = default;
};

struct Topology {
  std::vector<HardwareThread> hwthreads;  // in any order
  /// False: a described host, not the one that runs this process, so its cpu numbers must not be bound to.
  bool this_system = true;
};

}  // namespace zel::deploy
