// Why: trees are up to hundreds of thousands of nodes deep, so the nodes still to visit are on a stack of our
// own, and so they can be given away from its far end. The plain traversal and the shared one are this walk.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tree.hpp"

namespace uts {

struct Tally {
  std::uint64_t nodes = 0;
  std::uint64_t leaves = 0;
  std::uint32_t depth = 0;  // of the deepest node; the root's is 0

  void add(const Tally& other) {
    nodes += other.nodes;
    leaves += other.leaves;
    depth = std::max(depth, other.depth);
  }
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Nodes to visit with all below them, depth first from the back.
class Walk {
 public:
  Walk(const Tree& tree, std::vector<Node> nodes) : tree_(tree), waiting_(std::move(nodes)) {}

  /// Visits at most so many nodes; false when none is left.
  bool visit(std::uint32_t at_most);
  /// Takes out up to `at_most` nodes, every other one of those nearest to the root: half of the work, as far
  /// as anybody can tell. (All those nearest to the root would be nearly all the work of a geometric tree,
  /// and two ranks would hand it to and fro.)
  std::vector<Node> give_away(std::size_t at_most);
  const Tally& tally() const { return tally_; }

 private:
  Tree tree_;
  std::vector<Node> waiting_;  // those before front_ were given away
  std::size_t front_ = 0;
  Tally tally_;
};

/// Counts the whole tree, with no zel in it.
Tally count_all(const Tree& tree);

}  // namespace uts
