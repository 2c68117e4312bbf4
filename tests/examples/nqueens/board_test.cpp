// Why: the numbers of solutions are known (OEIS A000170).
#include "examples/nqueens/board.hpp"

#include <gtest/gtest.h>

#include "examples/nqueens/options.hpp"
#include "tests/examples/nqueens/known.hpp"

namespace nqueens {
namespace {

TEST(NQueens, EveryBoardTo14HasItsKnownNumberOfSolutions) {
  for (int size = 1; size <= 14; ++size) {
    EXPECT_EQ(count_solutions(empty_board(size)), test::solutions[static_cast<std::size_t>(size)]) << size;
  }
}

TEST(NQueens, AQueenAttacksItsColumnAndBothDiagonals) {
  const Board board = empty_board(5).with(0b00100);
  EXPECT_EQ(board.free(), 0b10001u);
  EXPECT_EQ(board.with(0b10000).free(), 0b00010u);
}

TEST(NQueens, TheLargestBoardFitsItsMask) {
  EXPECT_EQ(std::popcount(empty_board(largest_board).free()), largest_board);
}

TEST(NQueens, BoardsThatCannotBeAreRefused) {
  for (const char* size : {"0", "31", "-3", "eight"}) {
    const std::array<const char*, 2> argv{"nqueens", size};
    const auto parsed = parse_options(2, argv.data());
    ASSERT_TRUE(std::holds_alternative<Notice>(parsed)) << size;
    EXPECT_EQ(std::get<Notice>(parsed).status, 2);
  }
}

}  // namespace
}  // namespace nqueens
