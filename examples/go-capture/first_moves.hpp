// Why: what both searches hand back: the worth of every first move, from which all that is reported follows.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "board.hpp"
#include "value.hpp"

namespace capture {

/// Trivially copyable.
struct FirstMoves {
  Points legal = 0;
  std::array<Value, max_index> values{};  // by point, for the side to move; meaningful where legal
  std::uint64_t nodes = 0;
  std::uint64_t leaves = 0;

  void set(int index, Value value) { values[static_cast<std::size_t>(index)] = value; }
  Value of(int index) const { return values[static_cast<std::size_t>(index)]; }

  /// What the position is worth: its best move, or a loss where there is none.
  Value value() const {
    Value best = Value::loss_in(0);
    for_each_index(legal, [&](int index) { best = std::max(best, of(index)); });
    return best;
  }
  /// The moves that are worth as much.
  Points best() const {
    Points moves = 0;
    for_each_index(legal, [&](int index) { moves |= of(index) == value() ? point(index) : 0; });
    return moves;
  }
};

}  // namespace capture
