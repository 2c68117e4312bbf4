// Why: a run needs a node. With none running it brings its own: a private one that serves this zrun alone over
// an inherited socket, listens nowhere, and ends with it.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace zel::zrun {

struct NodeProcess {
  pid_t pid = -1;  // of a private one; a node that runs by itself is not our child
  base::UniqueFd connection;
  std::string directory;  // where it runs; empty: private

  bool is_private() const { return directory.empty(); }
};

/// Starts zel-private, which stands beside this program.
base::Result<NodeProcess> start_private_node();

}  // namespace zel::zrun
