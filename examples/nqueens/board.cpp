// Why: see board.hpp.
#include "board.hpp"

namespace nqueens {

std::uint64_t count_solutions(const Board& board) {
  if (board.rows_left == 0) return 1;
  if (board.rows_left == 1) return static_cast<std::uint64_t>(std::popcount(board.free()));
  std::uint64_t solutions = 0;
  for_each_free(board, [&](std::uint32_t square) { solutions += count_solutions(board.with(square)); });
  return solutions;
}

}  // namespace nqueens
