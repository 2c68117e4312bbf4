// Why: zrun uses the node that runs on this machine without being told, and brings its own only when there is none.
#pragma once

#include <string>

#include "base/error.hpp"
#include "zrun/node_process.hpp"

namespace zel::zrun {

/// The node this run is given to. `wish`: what --node says, or empty: the one in ZEL_RUNTIME_DIR or the default
/// place if it answers, else a private one, started here.
/// Errors: when --node was given and nothing of this user answers there; system.
base::Result<NodeProcess> find_node(const std::string& wish);

}  // namespace zel::zrun
