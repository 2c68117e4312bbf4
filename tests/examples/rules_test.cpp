// Why: everything else is checked against these rules, so they are checked against drawings.
#include "examples/go-capture/position.hpp"

#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using test::drawn;
using test::opened;

Points at(int column, int row) { return point(column, row); }

TEST(Rules, TakingTheLastLibertyCaptures) {
  const Choices found =
      choices(drawn("O . .\n"
                    "X . .\n"
                    ". . .\n"));
  EXPECT_EQ(found.capturing, at(1, 0));
}

TEST(Rules, OneMoveMayCaptureWhicheverChainIsInAtari) {
  const Choices found =
      choices(drawn(". O X\n"
                    "X X .\n"
                    "O . .\n"));
  EXPECT_EQ(found.capturing, at(0, 0) | at(1, 2));
}

TEST(Rules, AChainIsCapturedAsAWhole) {
  const Choices found =
      choices(drawn("X X X .\n"
                    "O O O X\n"
                    ". . . .\n",
                    Colour::white));
  EXPECT_EQ(found.capturing, at(3, 0));
}

TEST(Rules, FillingOnesLastLibertyIsSuicide) {
  const Choices found =
      choices(drawn(". O .\n"
                    "O . .\n"
                    ". . .\n"));
  EXPECT_EQ(found.suicidal, at(0, 0));
  EXPECT_EQ(found.capturing, 0u);
}

TEST(Rules, AMoveThatJoinsAChainWithAnotherLibertyIsNoSuicide) {
  const Choices found =
      choices(drawn(". X .\n"
                    "O O .\n"
                    ". . .\n"));
  EXPECT_EQ(found.quiet & at(0, 0), at(0, 0));
}

TEST(Rules, ACapturingMoveIsNeverSuicide) {
  const Position position = drawn(
      ". O X\n"
      "O X .\n"
      "X . .\n");
  const Choices found = choices(position);
  EXPECT_EQ(found.capturing, at(0, 0));
  EXPECT_EQ(found.suicidal, 0u);
}

TEST(Rules, SuicideIsForbiddenOrLoses) {
  const std::string_view diagram =
      ". O .\n"
      "O . .\n"
      ". . .\n";
  const Position forbidden = drawn(diagram);
  const Position loses = drawn(diagram, Colour::black, Suicide::loses);
  EXPECT_EQ(legal_moves(forbidden, choices(forbidden)) & at(0, 0), 0u);
  EXPECT_EQ(legal_moves(loses, choices(loses)) & at(0, 0), at(0, 0));
}

TEST(Rules, TheKindsOfMovesAreAllTheEmptyPoints) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    const Position position = test::scattered(random, max_points);
    const Choices found = choices(position);
    EXPECT_EQ(found.capturing | found.quiet | found.suicidal, position.empty());
    EXPECT_EQ(count(found.capturing) + count(found.quiet) + count(found.suicidal), count(position.empty()));
  }
}

TEST(Rules, ASideWithoutALegalMoveHasLost) {
  const Tally tally =
      count_tree(drawn(". X .\n"
                       "X X X\n"
                       ". X .\n",
                       Colour::white));
  EXPECT_EQ(tally, (Tally{.nodes = 1, .leaves = 1, .value = Value::loss_in(0)}));
}

TEST(Rules, ASideThatCanOnlyCommitSuicideLosesOnePlyLaterWhereThatIsAllowed) {
  const Tally tally =
      count_tree(drawn(". X .\n"
                       "X X X\n"
                       ". X .\n",
                       Colour::white, Suicide::loses));
  EXPECT_EQ(tally, (Tally{.nodes = 5, .leaves = 4, .value = Value::loss_in(1)}));
}

TEST(Rules, ColoursAlternate) {
  const Position first = opened(3, 3);
  const Position second = after(first, index_of(1, 1));
  const Position third = after(second, index_of(0, 2));
  EXPECT_EQ(second.to_move, Colour::white);
  EXPECT_EQ(third.to_move, Colour::black);
  EXPECT_EQ(print_diagram(third), "...\n.X.\nO..");
}

TEST(Start, TheBlockStandsInTheCentreRoundedDown) {
  EXPECT_EQ(print_diagram(opened(4, 4, Start::crosscut)), "....\n.XO.\n.OX.\n....");
  EXPECT_EQ(print_diagram(opened(5, 5, Start::crosscut)), ".....\n.XO..\n.OX..\n.....\n.....");
  EXPECT_EQ(print_diagram(opened(6, 3, Start::parallel_pairs)), "..XX..\n..OO..\n......");
}

TEST(Start, ABlockThatDoesNotFitIsRefused) {
  EXPECT_FALSE(opening({1, 4}, Start::crosscut, Suicide::forbidden));
  EXPECT_FALSE(opening({2, 2}, Start::parallel_pairs, Suicide::forbidden));
  EXPECT_FALSE(opening({3, 3}, Start::crosscut, Suicide::forbidden));
  EXPECT_TRUE(opening({3, 3}, Start::parallel_pairs, Suicide::forbidden));
}

TEST(Value, AQuickWinAndASlowLossAreBetter) {
  EXPECT_GT(Value::win_in(1), Value::win_in(3));
  EXPECT_GT(Value::win_in(49), Value::loss_in(48));
  EXPECT_GT(Value::loss_in(4), Value::loss_in(2));
  EXPECT_EQ(Value::loss_in(0).one_ply_before(), Value::win_in(1));
  EXPECT_EQ(Value::win_in(1).one_ply_before(), Value::loss_in(2));
  EXPECT_EQ(Value::loss_in(6).signed_plies(), -6);
}

}  // namespace
}  // namespace capture
