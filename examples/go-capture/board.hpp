// Why: a set of points is one 64-bit word, so that growing, comparing and counting sets of stones are a few
// machine instructions. Every row takes eight bits whatever the board's width: a board is at most seven wide,
// so the eighth column is always off the board, and a shifted set can never wrap into the next row.
#pragma once

#include <bit>
#include <cstdint>

namespace capture {

/// A set of points. Bit 8 × row + column, counted from the top left.
using Points = std::uint64_t;

inline constexpr int max_side = 7;
inline constexpr int row_bits = 8;
/// Point indices are below this.
inline constexpr int max_index = (max_side - 1) * row_bits + max_side;
/// Points of the largest board.
inline constexpr int max_points = max_side * max_side;

constexpr int index_of(int column, int row) { return row * row_bits + column; }
constexpr int column_of(int index) { return index % row_bits; }
constexpr int row_of(int index) { return index / row_bits; }
constexpr Points point(int index) { return Points{1} << index; }
constexpr Points point(int column, int row) { return point(index_of(column, row)); }

/// Of a set that is not empty.
constexpr int first_index(Points points) { return std::countr_zero(points); }
constexpr Points first_point(Points points) { return points & (~points + 1); }
constexpr Points without_first(Points points) { return points & (points - 1); }
/// Spelt out, because without an instruction for it std::popcount is a call into the compiler's library.
constexpr int count(Points points) {
  points -= (points >> 1) & 0x5555555555555555u;
  points = (points & 0x3333333333333333u) + ((points >> 2) & 0x3333333333333333u);
  points = (points + (points >> 4)) & 0x0f0f0f0f0f0f0f0fu;
  return static_cast<int>((points * 0x0101010101010101u) >> 56);
}
constexpr bool has_two(Points points) { return without_first(points) != 0; }
constexpr bool is_one(Points points) { return points != 0 && !has_two(points); }

/// The points beside these; some may be off the board, and some in the set itself.
constexpr Points beside(Points points) {
  return (points << 1) | (points >> 1) | (points << row_bits) | (points >> row_bits);
}
/// The points that have at least two neighbours in the set.
constexpr Points beside_two(Points points) {
  const Points left = points << 1, right = points >> 1, up = points << row_bits, down = points >> row_bits;
  return (left & right) | (up & down) | ((left | right) & (up | down));
}

/// Sides 1 … max_side.
struct Board {
  std::uint8_t width = 1;
  std::uint8_t height = 1;

  constexpr Points points() const {
    const Points row = (Points{1} << width) - 1;
    return row * (0x0001010101010101u >> (row_bits * (max_side - height)));
  }
  constexpr bool operator==(const Board&) const = default;
};

/// Calls `visit(index)` for each point, in order of index.
template <class Visit>
constexpr void for_each_index(Points points, Visit&& visit) {
  for (; points != 0; points = without_first(points)) visit(first_index(points));
}

}  // namespace capture
