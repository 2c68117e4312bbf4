// Why: until somebody captures, the stones themselves do not matter. All that the rest of the game depends
// on is which points are empty and, for each chain, the set of its liberties: an empty point is beside a
// chain exactly if it is one of its liberties. So a side is a list of liberty sets, and a move is a few set
// operations: the mover's chains that hold the point melt into one, and every other chain loses the point.
#pragma once

#include <array>
#include <cstddef>

#include "board.hpp"

namespace capture {

/// The chains of one side, as their liberties. Every set has at least one point.
class LibertySets {
 public:
  /// A board of 49 points holds at most 25 chains of one side.
  static constexpr int capacity = (max_points + 1) / 2;

  int size() const { return size_; }
  const Points* begin() const { return sets_.data(); }
  const Points* end() const { return sets_.data() + size_; }

  /// Adds a chain.
  void add(Points liberties) { sets_[static_cast<std::size_t>(size_++)] = liberties; }
  /// The other side played at `stone`.
  void remove(Points stone) {
    for (int i = 0; i < size_; ++i) sets_[static_cast<std::size_t>(i)] &= ~stone;
  }
  /// This side played at `stone`; `fresh` are the empty points beside it.
  void join(Points stone, Points fresh) {
    Points joined = fresh;
    int kept = 0;
    for (int i = 0; i < size_; ++i) {
      const Points set = sets_[static_cast<std::size_t>(i)];
      if (set & stone) {
        joined |= set;
      } else {
        sets_[static_cast<std::size_t>(kept++)] = set;
      }
    }
    sets_[static_cast<std::size_t>(kept)] = joined & ~stone;
    size_ = kept + 1;
  }

  /// What the chain would breathe by if this side played at `stone`.
  Points joined(Points stone, Points fresh) const {
    Points all = fresh;
    for (const Points set : *this) all |= (set & stone) ? set : 0;
    return all & ~stone;
  }
  /// The last liberties of the chains in atari.
  Points last() const {
    Points points = 0;
    for (const Points set : *this) points |= has_two(set) ? 0 : set;
    return points;
  }
  /// The liberties of the chains that have at least two.
  Points of_two_or_more() const {
    Points points = 0;
    for (const Points set : *this) points |= has_two(set) ? set : 0;
    return points;
  }

 private:
  int size_ = 0;
  std::array<Points, capacity> sets_;
};

/// The chains of `stones`.
LibertySets liberty_sets(Points stones, Points empty);

}  // namespace capture
