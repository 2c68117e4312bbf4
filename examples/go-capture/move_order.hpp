// Why: a search that meets the right move first looks at few others. What hurts in this game is losing
// liberties, so moves are taken in order of how much of the opponent's breath they take and how much they
// keep. Order changes how long an answer takes, never the answer.
#pragma once

#include <array>
#include <cstdint>

#include "liberty_sets.hpp"

namespace capture {

/// Point indices, the most promising first.
class MoveOrder {
 public:
  /// The points of `moves`; `first` leads if it is one of them (-1: none does).
  MoveOrder(Points moves, Points empty, const LibertySets& mine, const LibertySets& theirs, int first);

  const std::uint8_t* begin() const { return list_.data(); }
  const std::uint8_t* end() const { return list_.data() + size_; }

 private:
  int size_ = 0;
  std::array<std::uint8_t, max_points> list_;
};

}  // namespace capture
