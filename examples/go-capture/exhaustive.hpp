// Why: the paper's program visits the whole game tree, so that the work is the same however it is divided.
// No table, no pruning, no symmetry; the tree ends where a side has captured or cannot move.
#pragma once

#include <cstdint>

#include "position.hpp"
#include "value.hpp"

namespace capture {

/// What a whole subtree amounts to. Trivially copyable.
struct Tally {
  std::uint64_t nodes = 0;   // positions, the subtree's root included
  std::uint64_t leaves = 0;  // of these, those where the game is over
  Value value;               // of the subtree's root, for its side to move

  bool operator==(const Tally&) const = default;
};

/// Visits every continuation of the position. One thread, no allocation; the time is that of the nodes.
Tally count_tree(const Position& position);

/// One ply of the tree, for those who divide it: what the moves that end the game amount to, and the moves
/// after which it goes on. The tally of the position is `ended` with add() of each child's.
struct Ply {
  Points quiet = 0;
  Tally ended;
};
Ply one_ply(const Position& position);
/// Adds a child's subtree to that of its parent.
void add(Tally& parent, const Tally& child);

}  // namespace capture
