// Why: a diagram that is wrong must be refused where it is wrong, not searched.
#include "examples/go-capture/diagram.hpp"

#include <gmock/gmock.h>

#include <cstdio>
#include <fstream>

#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using testing::HasSubstr;

TEST(Diagram, WhatIsPrintedIsReadBack) {
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    const Position position = test::scattered(random, max_points);
    EXPECT_EQ(test::drawn(print_diagram(position), position.to_move, position.suicide), position);
  }
}

TEST(Diagram, SpacesBlankLinesCaseAndLineEndsDoNotCount) {
  const Position position = test::drawn("\n  x . W\r\n\n\tB.o  \n\n");
  EXPECT_EQ(print_diagram(position), "X.O\nX.O");
}

TEST(Diagram, PointsAreNamedFromTheBottomLeft) {
  const Board board{3, 5};
  EXPECT_EQ(name_of_point(board, index_of(0, 4)), "A1");
  EXPECT_EQ(name_of_point(board, index_of(2, 0)), "C5");
}

struct Malformed {
  const char* name;
  std::string text;
  int line;
  int column;
  const char* says;
};
void PrintTo(const Malformed& malformed, std::ostream* stream) { *stream << malformed.name; }

class MalformedDiagram : public testing::TestWithParam<Malformed> {};

TEST_P(MalformedDiagram, IsRefusedAtItsPlace) {
  const Malformed& malformed = GetParam();
  const auto parsed = parse_diagram(malformed.text, Colour::black, Suicide::forbidden);
  ASSERT_TRUE(std::holds_alternative<DiagramError>(parsed));
  const auto& error = std::get<DiagramError>(parsed);
  EXPECT_EQ(error.line, malformed.line);
  EXPECT_EQ(error.column, malformed.column);
  EXPECT_THAT(error.text, HasSubstr(malformed.says));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedDiagram,
    testing::Values(Malformed{"nothing", "", 1, 1, "no rows"},
                    Malformed{"only_blank_lines", "\n  \n", 1, 1, "no rows"},
                    Malformed{"unknown_character", ". .\n. ?\n", 2, 3, "'?' is no point"},
                    Malformed{"short_row", ". . .\n. .\n", 2, 4, "shorter than the first, of 3"},
                    Malformed{"long_row", ". .\n. . .\n", 2, 5, "longer than the first, of 2"},
                    Malformed{"too_wide", "........\n", 1, 8, "at most 7 points"},
                    Malformed{"too_high", ".\n.\n.\n.\n.\n.\n.\n.\n", 8, 1, "at most 7 rows"},
                    Malformed{"stone_without_liberty", ". . .\n\n. O X\n. X O\n", 4, 5, "no liberty"},
                    Malformed{"full_board", "X O\nO X\n", 1, 1, "no liberty"}),
    test::CaseName{});

class DiagramFile : public testing::Test {
 protected:
  ~DiagramFile() override { std::remove(path_.c_str()); }
  std::string error_of(const std::string& text) {
    std::ofstream(path_) << text;
    const auto read = read_diagram(path_, Colour::black, Suicide::forbidden);
    return std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : "";
  }

  const std::string path_ =
      testing::TempDir() + "go-capture-" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(DiagramFile, IsReadWithTheSideAndTheRuleAskedFor) {
  std::ofstream(path_) << "X.\n.O\n";
  const auto read = read_diagram(path_, Colour::white, Suicide::loses);
  ASSERT_TRUE(std::holds_alternative<Position>(read));
  EXPECT_EQ(std::get<Position>(read), test::drawn("X.\n.O\n", Colour::white, Suicide::loses));
}

TEST_F(DiagramFile, AnErrorNamesFileLineAndColumn) {
  EXPECT_THAT(error_of("..\n.!\n"), HasSubstr(path_ + ":2:2: '!' is no point"));
}

TEST_F(DiagramFile, MustExist) {
  const auto read = read_diagram(path_, Colour::black, Suicide::forbidden);
  ASSERT_TRUE(std::holds_alternative<std::string>(read));
  EXPECT_EQ(std::get<std::string>(read), path_ + ": No such file or directory");
}

TEST_F(DiagramFile, MustBeAFile) {
  const auto read = read_diagram(testing::TempDir(), Colour::black, Suicide::forbidden);
  ASSERT_TRUE(std::holds_alternative<std::string>(read));
  EXPECT_THAT(std::get<std::string>(read), HasSubstr("Is a directory"));
}

TEST_F(DiagramFile, MayNotBeLarge) {
  EXPECT_THAT(error_of(std::string(max_diagram_bytes + 1, '\n')), HasSubstr("too large"));
}

}  // namespace
}  // namespace capture
