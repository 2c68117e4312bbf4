// Why: placement wants a plain list of usable hardware threads; this is the only place that knows hwloc.
#pragma once

#include <string>

#include "base/error.hpp"
#include "daemon/deploy/topology.hpp"

namespace zel::io {

/// What the calling thread may use of the host: the hardware threads that are online, inside the cpuset of
/// its cgroup and inside its affinity mask. It is on the way of every run, so caches, devices, distances and
/// the library's plug-ins are left out.
///
/// HWLOC_XMLFILE and HWLOC_SYNTHETIC, as the library defines them, describe another host instead; then all of
/// that host is usable and `this_system` is false, unless HWLOC_THISSYSTEM=1 says that the description is of
/// this host after all.
///
/// Call it before other threads start: it changes the environment for an instant.
/// Errors: system, when the library cannot read the host or nothing of it is usable.
base::Result<deploy::Topology> probe_topology();

/// The host that `description` describes in hwloc's synthetic syntax, as "package:2 numa:2 core:4 pu:2".
/// `this_system` is false. Errors: bad_option, when the description cannot be read.
base::Result<deploy::Topology> synthetic_topology(const std::string& description);

}  // namespace zel::io
