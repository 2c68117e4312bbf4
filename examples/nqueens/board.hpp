// Why: the rows filled so far, as the three sets of squares that they attack in the next row. Placing a queen
// is two shifts, and which square is free is one mask.
#pragma once

#include <bit>
#include <cstdint>

namespace nqueens {

inline constexpr int largest_board = 30;

struct Board {
  std::uint32_t columns = 0;  // attacked along columns
  std::uint32_t rising = 0;   // along one diagonal
  std::uint32_t falling = 0;  // along the other
  std::uint8_t size = 0;
  std::uint8_t rows_left = 0;

  std::uint32_t free() const { return ((1u << size) - 1) & ~(columns | rising | falling); }
  /// With a queen on one free square of the next row.
  Board with(std::uint32_t square) const {
    return {columns | square, (rising | square) << 1U, (falling | square) >> 1U, size,
            static_cast<std::uint8_t>(rows_left - 1)};
  }
};

inline Board empty_board(int size) {
  return {.size = static_cast<std::uint8_t>(size), .rows_left = static_cast<std::uint8_t>(size)};
}

/// Calls `body(square)` for each free square of the next row.
template <class Body>
void for_each_free(const Board& board, Body&& body) {
  for (std::uint32_t free = board.free(); free != 0; free &= free - 1) body(free & (~free + 1));
}

/// In how many ways the rows left can be filled, by one plain recursion.
std::uint64_t count_solutions(const Board& board);

}  // namespace nqueens
