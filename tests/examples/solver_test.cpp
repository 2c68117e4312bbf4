// Why: the solver leaves out nearly everything; what it leaves out must never matter.
#include "examples/go-capture/solver.hpp"

#include <array>

#include "examples/go-capture/horizon.hpp"
#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using test::opened;

constexpr std::size_t small_table_bytes = std::size_t{1} << 16;

/// Every first move by both searches. Returns the position's value.
void expect_same_values(const Position& position) {
  Table table(small_table_bytes);
  Solver solver(table, position.board, position.suicide);
  const Choices found = choices(position);
  for_each_index(legal_moves(position, found), [&](int index) {
    const Value expected = found.capturing & point(index) ? Value::win_in(1)
                           : found.suicidal & point(index)
                               ? Value::loss_in(1)
                               : count_tree(after(position, index)).value.one_ply_before();
    ASSERT_EQ(solver.solve_move(position, index).signed_plies(), expected.signed_plies())
        << print_diagram(position) << "\n"
        << name_of(position.to_move) << " to move at " << name_of_point(position.board, index) << ", suicide "
        << name_of(position.suicide);
  });
  ASSERT_EQ(solver.solve(position).signed_plies(), count_tree(position).value.signed_plies())
      << print_diagram(position);
}

TEST(Solver, AgreesWithTheWholeTreeOfSmallBoards) {
  for (int width = 1; width <= 5; ++width) {
    for (int height = 1; height <= 5; ++height) {
      if (width * height > 9) continue;
      for (const Suicide suicide : {Suicide::forbidden, Suicide::loses}) {
        expect_same_values(opened(width, height, Start::empty, suicide));
      }
    }
  }
}

TEST(Solver, AgreesWithTheWholeTreeOfPositionsNearTheEnd) {
  std::mt19937 random(5);
  for (int i = 0; i < 3'000 && !testing::Test::HasFatalFailure(); ++i) {
    expect_same_values(test::scattered(random, 7));
  }
}

TEST(Solver, AgreesWithTheWholeTreeOfLargerPositions) {
  std::mt19937 random(6);
  for (int solved = 0; solved < 100 && !testing::Test::HasFatalFailure();) {
    const Position position = test::scattered(random, 9);
    if (count(position.empty()) < 8) continue;
    expect_same_values(position);
    ++solved;
  }
}

TEST(Solver, SeesThatAMoveInsideTheRefugeLeavesTheOtherSideStuck) {
  // White at the right of the second row from below: Black's one liberty left is no point it may take.
  expect_same_values(
      test::drawn("O .\n"
                  "O X\n"
                  "O .\n"
                  "O .\n",
                  Colour::white));
}

TEST(Solver, FirstMovesOf3x3) {
  const Position position = opened(3, 3);
  Table table(small_table_bytes);
  Solver solver(table, position.board, position.suicide);
  const std::array<int, 9> expected{-6, 7, -6, 7, 7, 7, -6, 7, -6};
  for (int i = 0; i < 9; ++i) {
    EXPECT_EQ(solver.solve_move(position, index_of(i % 3, i / 3)).signed_plies(),
              expected[static_cast<std::size_t>(i)]);
  }
}

struct Known {
  const char* name;
  int width;
  int height;
  Start start;
  int value;
};
void PrintTo(const Known& known, std::ostream* stream) { *stream << known.name; }

class KnownResult : public testing::TestWithParam<Known> {};

TEST_P(KnownResult, IsFound) {
  const Known& known = GetParam();
  for (const Suicide suicide : {Suicide::forbidden, Suicide::loses}) {
    const Position position = opened(known.width, known.height, known.start, suicide);
    Table table(std::size_t{1} << 20);
    EXPECT_EQ(Solver(table, position.board, suicide).solve(position).signed_plies(), known.value);
  }
}

INSTANTIATE_TEST_SUITE_P(All, KnownResult,
                         testing::Values(Known{"of_2x2", 2, 2, Start::empty, -4},
                                         Known{"of_2x3", 2, 3, Start::empty, -6},
                                         Known{"of_3x3", 3, 3, Start::empty, 7},
                                         Known{"of_3x4", 3, 4, Start::empty, 9},
                                         Known{"of_4x4", 4, 4, Start::empty, -14},
                                         Known{"of_4x4_crosscut", 4, 4, Start::crosscut, 5}),
                         test::CaseName{});

TEST(Solver, TheTableChangesTheTimeAndNotTheValue) {
  const Position position = opened(4, 4);
  Table one_bucket(0), large(std::size_t{4} << 20);
  Solver forgetful(one_bucket, position.board, position.suicide);
  Solver learned(large, position.board, position.suicide);
  EXPECT_EQ(forgetful.solve(position), learned.solve(position));
  EXPECT_GT(forgetful.nodes(), learned.nodes());
  const std::uint64_t nodes_before = learned.nodes();
  EXPECT_EQ(learned.solve(position), Value::loss_in(14));
  EXPECT_LT(learned.nodes() - nodes_before, nodes_before / 10);
}

TEST(Solver, TheSameQuestionTakesTheSameNodes) {
  const Position position = opened(4, 4);
  Table one(small_table_bytes), other(small_table_bytes);
  Solver first(one, position.board, position.suicide), second(other, position.board, position.suicide);
  EXPECT_EQ(first.solve(position), second.solve(position));
  EXPECT_EQ(first.nodes(), second.nodes());
  EXPECT_EQ(first.leaves(), second.leaves());
}

TEST(Horizon, SoundMovesAreThoseAfterWhichTheOpponentHasNoCapture) {
  std::mt19937 random(7);
  int compared = 0;
  for (int i = 0; i < 3'000; ++i) {
    const Position position = test::scattered(random, 20);
    const Choices found = choices(position);
    if (found.capturing != 0) continue;
    Points expected = 0;
    for_each_index(found.quiet, [&](int index) {
      if (choices(after(position, index)).capturing == 0) expected |= point(index);
    });
    const SoundMoves sound = sound_moves(position.empty(), liberty_sets(position.mine(), position.empty()));
    ASSERT_EQ(sound.moves, expected) << print_diagram(position);
    ASSERT_EQ(sound.stuck, found.quiet == 0) << print_diagram(position);
    ++compared;
  }
  EXPECT_GT(compared, 300);
}

TEST(Horizon, AChainOutOfReachIsSafeOnlyBesideARefuge) {
  LibertySets chains;
  chains.add(0b111);
  EXPECT_FALSE(reach(chains, 2, 3).safe);  // its side may have to fill it
  chains.add(0b11111000);
  EXPECT_TRUE(reach(chains, 2, 3).safe);
  const Reach in_reach = reach(chains, 3, 3);
  EXPECT_FALSE(in_reach.safe);
  EXPECT_EQ(in_reach.near, 0b111u);
}

TEST(Table, AFullBucketForgetsWhatWasCheap) {
  Table table(0);
  const auto stones = [](Points first) { return Stones{first, 0}; };
  table.store(stones(1), {.lower = Value::win_in(5)}, 1'000'000);
  table.store(stones(2), {.lower = Value::win_in(7)}, 1'000);
  table.store(stones(4), {.lower = Value::win_in(9)}, 10);
  table.store(stones(8), {.lower = Value::win_in(11)}, 5);
  EXPECT_EQ(table.find(stones(1)).value().lower, Value::win_in(5));
  EXPECT_EQ(table.find(stones(2)).value().lower, Value::win_in(7));
  EXPECT_FALSE(table.find(stones(4)));
  EXPECT_EQ(table.find(stones(8)).value().lower, Value::win_in(11));
}

TEST(Table, KeepsWithinItsMemoryAndMissesWhatItNeverSaw) {
  const Table table(100'000);
  EXPECT_LE(table.bytes(), 100'000u);
  EXPECT_FALSE(table.find({}));
  EXPECT_FALSE(table.find({1, 2}));
}

}  // namespace
}  // namespace capture
