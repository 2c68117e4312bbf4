// Why: the part that knows zel: how a tree that nobody can cut beforehand is shared. Whoever walks a part of
// it keeps offering the nodes nearest to the root that it has not come to; what nobody takes it walks itself.
#pragma once

#include <vector>

#include "traversal.hpp"

namespace uts {

/// Some nodes with all below them.
struct Subtrees {
  Tree tree;
  std::vector<Node> nodes;

  Tally run() const;

  ZEL_FIELDS(tree, nodes)
};

}  // namespace uts
