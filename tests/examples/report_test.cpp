// Why: scripts read the JSON, so its fields are a promise; people read the board.
#include "examples/go-capture/report.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using testing::HasSubstr;

/// Black's first moves on 2x2 after the first row is set to win in 7 and to lose in 6.
Result sample(Colour to_move = Colour::black) {
  Result result{.position = test::drawn("X O\n. .\n", to_move), .start = "XO/..", .mode = Mode::exhaustive};
  FirstMoves& found = result.first_moves;
  found.legal = point(0, 1) | point(1, 1);
  found.set(index_of(0, 1), Value::loss_in(6));
  found.set(index_of(1, 1), Value::win_in(7));
  found.nodes = 1'234'567;
  found.leaves = 89;
  result.seconds = 0.5;
  result.workers = 2;
  result.efficiency = 0.987;
  return result;
}

TEST(Report, JsonHasExactlyItsFields) {
  const std::string text = json_report(sample());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  const nlohmann::json expected = {
      {"board", "2x2"},
      {"start", "XO/.."},
      {"rules",
       "Black moves first, the first capture wins, no passing, a side that cannot move loses, suicide is "
       "forbidden"},
      {"mode", "exhaustive"},
      {"winner", "black"},
      {"plies", 7},
      {"best_moves", {"B1"}},
      {"nodes", 1'234'567},
      {"leaves", 89},
      {"seconds", 0.5},
      {"workers", 2},
      {"efficiency", 0.987},
  };
  EXPECT_EQ(nlohmann::json::parse(text), expected);
}

TEST(Report, WinnerIsAColourWhoeverMoves) {
  EXPECT_EQ(sample(Colour::black).winner(), Colour::black);
  EXPECT_EQ(sample(Colour::white).winner(), Colour::white);
}

TEST(Report, TextShowsBoardResultAndEveryMove) {
  const std::string text = text_report(sample());
  EXPECT_THAT(text, HasSubstr("   A B\n 2 X O 2\n 1 . . 1\n   A B\n"));
  EXPECT_THAT(text, HasSubstr("Black wins in 7 plies with best play.\nBest first moves: B1\n"));
  EXPECT_THAT(text, HasSubstr("     A   B\n 2   X   O 2\n 1  -6  +7 1\n     A   B\n"));
  EXPECT_THAT(
      text, HasSubstr("1,234,567 nodes, 89 leaves, 0.500 s, 2.5 million/s, 2 workers, efficiency 98.7 %\n"));
}

TEST(Report, MovesArePositiveWhereBlackWinsAlsoIfWhiteMoves) {
  EXPECT_THAT(text_report(sample(Colour::white)), HasSubstr(" 1  +6  -7 1\n"));
}

TEST(Report, ASideWithoutAMoveHasLost) {
  Result result = sample();
  result.first_moves.legal = 0;
  EXPECT_THAT(text_report(result),
              HasSubstr("White wins in 0 plies with best play.\nBlack has no legal move.\n"));
  const auto json = nlohmann::json::parse(json_report(result));
  EXPECT_EQ(json["winner"], "white");
  EXPECT_EQ(json["plies"], 0);
  EXPECT_EQ(json["best_moves"], nlohmann::json::array());
}

TEST(Report, NumbersAreGrouped) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(5'846'014'320'849), "5,846,014,320,849");
}

}  // namespace
}  // namespace capture
