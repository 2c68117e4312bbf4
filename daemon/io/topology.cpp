#include "daemon/io/topology.hpp"

#include <hwloc.h>

#include <cerrno>
#include <cstdlib>
#include <map>
#include <memory>
#include <utility>

namespace zel::io {
namespace {

struct Destroy {
  void operator()(hwloc_topology_t topology) const { hwloc_topology_destroy(topology); }
  void operator()(hwloc_bitmap_t set) const { hwloc_bitmap_free(set); }
};
using Handle = std::unique_ptr<hwloc_topology, Destroy>;
using CpuSet = std::unique_ptr<hwloc_bitmap_s, Destroy>;

/// While it lives, hwloc finds no plug-ins. They know GPUs and the like, and opening them costs three times
/// as much as all the rest of a probe. A path that the user has set is left alone.
class WithoutPlugins {
 public:
  WithoutPlugins() : active_(std::getenv(name) == nullptr) {
    if (active_) ::setenv(name, "/dev/null", 1);
  }
  WithoutPlugins(const WithoutPlugins&) = delete;
  WithoutPlugins& operator=(const WithoutPlugins&) = delete;
  ~WithoutPlugins() {
    if (active_) ::unsetenv(name);
  }

 private:
  static constexpr const char* name = "HWLOC_PLUGINS_PATH";
  bool active_;
};

base::Result<Handle> created() {
  const WithoutPlugins scope;
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw) != 0) return base::fail_errno("cannot start hwloc", errno);
  Handle topology(raw);
  hwloc_topology_set_all_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_PACKAGE, HWLOC_TYPE_FILTER_KEEP_ALL);
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
  // A NUMA node inside a package hangs on a group; without groups it would seem to span the package.
  hwloc_topology_set_type_filter(raw, HWLOC_OBJ_GROUP, HWLOC_TYPE_FILTER_KEEP_STRUCTURE);
  // What is not allowed is wanted for the numbering only: a core keeps its name inside a cpuset.
  hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED | HWLOC_TOPOLOGY_FLAG_NO_DISTANCES |
                                    HWLOC_TOPOLOGY_FLAG_NO_MEMATTRS | HWLOC_TOPOLOGY_FLAG_NO_CPUKINDS);
  // It would bind this thread to every hardware thread in turn, to ask each for what Linux knows already.
  hwloc_topology_set_components(raw, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
  return topology;
}

/// What may be used: allowed on the host and, when it is this host, in the affinity of this thread.
CpuSet usable(hwloc_topology_t topology, bool this_system) {
  CpuSet set(hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(topology)));
  if (!this_system) return set;
  const CpuSet affinity(hwloc_bitmap_alloc());
  // A system that cannot say has no affinity to respect.
  if (hwloc_get_cpubind(topology, affinity.get(), HWLOC_CPUBIND_THREAD) == 0) {
    hwloc_bitmap_and(set.get(), set.get(), affinity.get());
  }
  return set;
}

/// For every hardware thread the number of the nearest NUMA node that has processors; 0 where none has.
std::map<unsigned, unsigned> numa_of_cpus(hwloc_topology_t topology) {
  std::map<unsigned, std::pair<unsigned, int>> nearest;  // cpu: node, width of the node
  for (hwloc_obj_t node = nullptr;
       (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
    const int width = hwloc_bitmap_weight(node->cpuset);
    for (int cpu = hwloc_bitmap_first(node->cpuset); cpu >= 0; cpu = hwloc_bitmap_next(node->cpuset, cpu)) {
      const auto [at, is_new] = nearest.try_emplace(static_cast<unsigned>(cpu), node->os_index, width);
      if (!is_new && width < at->second.second) at->second = {node->os_index, width};
    }
  }
  std::map<unsigned, unsigned> numa;
  for (const auto& [cpu, node] : nearest) numa[cpu] = node.first;
  return numa;
}

/// Numbers packages on the host, cores in their package and hardware threads in their core, in the order in
/// which hwloc walks them. A host that tells no cores has one per hardware thread.
class Numbering {
 public:
  explicit Numbering(hwloc_topology_t topology) : topology_(topology), numa_(numa_of_cpus(topology)) {}

  deploy::HardwareThread next(hwloc_obj_t pu) {
    const hwloc_obj_t package = hwloc_get_ancestor_obj_by_type(topology_, HWLOC_OBJ_PACKAGE, pu);
    hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(topology_, HWLOC_OBJ_CORE, pu);
    if (core == nullptr) core = pu;
    const auto [found, is_new] = cores_.try_emplace(core);
    Core& entry = found->second;
    if (is_new) entry.number = cores_in_[package]++;
    return {.cpu = pu->os_index,
            .package = package != nullptr ? package->logical_index : 0,
            .numa = numa_[pu->os_index],
            .core = entry.number,
            .thread = entry.threads++};
  }

 private:
  struct Core {
    unsigned number = 0;
    unsigned threads = 0;
  };
  hwloc_topology_t topology_;
  std::map<unsigned, unsigned> numa_;
  std::map<hwloc_obj_t, Core> cores_;
  std::map<hwloc_obj_t, unsigned> cores_in_;  // package: cores counted so far
};

base::Result<deploy::Topology> loaded(hwloc_topology_t topology) {
  if (hwloc_topology_load(topology) != 0) {
    return base::fail_errno("cannot read this host's topology", errno);
  }
  deploy::Topology out;
  out.this_system = hwloc_topology_is_thissystem(topology) != 0;
  const CpuSet set = usable(topology, out.this_system);
  Numbering numbering(topology);
  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_PU, pu)) != nullptr;) {
    const deploy::HardwareThread thread = numbering.next(pu);
    if (hwloc_bitmap_isset(set.get(), pu->os_index)) out.hwthreads.push_back(thread);
  }
  if (out.hwthreads.empty()) {
    return base::fail(base::Errc::system,
                      "no hardware thread is both in this cgroup's cpuset and in this process's affinity");
  }
  return out;
}

}  // namespace

base::Result<deploy::Topology> probe_topology() {
  auto topology = created();
  if (!topology) return tl::unexpected(topology.error());
  return loaded(topology->get());
}

base::Result<deploy::Topology> synthetic_topology(const std::string& description) {
  auto topology = created();
  if (!topology) return tl::unexpected(topology.error());
  if (hwloc_topology_set_synthetic(topology->get(), description.c_str()) != 0) {
    return base::fail(base::Errc::bad_option,
                      "'" + description + "' does not describe a topology; try 'package:2 core:4 pu:2'");
  }
  return loaded(topology->get());
}

}  // namespace zel::io
