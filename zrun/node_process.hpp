// Why: with no node running, a run brings its own: a private zeld that serves this zrun alone over an
// inherited socket, listens nowhere, and ends with it.
#pragma once

#include <sys/types.h>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace zel::zrun {

struct NodeProcess {
  pid_t pid = -1;
  base::UniqueFd connection;
};

/// Starts zeld, which stands beside this program.
base::Result<NodeProcess> start_private_node();

}  // namespace zel::zrun
