// Why: a wrong option is one clear line and status 2, at every rank alike.
#include "examples/go-capture/options.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <vector>

#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

using Arguments = std::vector<const char*>;

std::variant<Options, Notice> parse(const Arguments& arguments) {
  Arguments all{"go-capture"};
  for (const char* argument : arguments) all.push_back(argument);
  return parse_options(static_cast<int>(all.size()), all.data());
}

Options accepted(const Arguments& arguments) {
  const auto parsed = parse(arguments);
  if (const auto* notice = std::get_if<Notice>(&parsed)) {
    ADD_FAILURE() << notice->text;
    return {};
  }
  return std::get<Options>(parsed);
}

TEST(Options, ByDefaultASmallBoardIsSolved) {
  const Options options = accepted({});
  EXPECT_EQ(options.position, test::opened(3, 3));
  EXPECT_EQ(options.mode, Mode::solve);
  EXPECT_FALSE(options.json);
  EXPECT_FALSE(options.position_file);
}

TEST(Options, SayWhatToSearch) {
  const Options options = accepted({"--board", "7x4", "--start", "parallel-pairs", "--to-move", "white",
                                    "--suicide", "loses", "--exhaustive", "--table-mib", "64", "--json"});
  Position expected = test::opened(7, 4, Start::parallel_pairs, Suicide::loses);
  expected.to_move = Colour::white;
  EXPECT_EQ(options.position, expected);
  EXPECT_EQ(options.start, Start::parallel_pairs);
  EXPECT_EQ(options.mode, Mode::exhaustive);
  EXPECT_EQ(options.table_mib, 64u);
  EXPECT_TRUE(options.json);
}

TEST(Options, APositionFileIsNamedAndNotRead) {
  const Options options = accepted({"--position", "/nowhere/at all", "--to-move", "white"});
  EXPECT_EQ(options.position_file, "/nowhere/at all");
  EXPECT_EQ(options.position.to_move, Colour::white);
}

TEST(Options, HelpAndVersionAreForPeople) {
  const auto help = parse({"--help"});
  ASSERT_TRUE(std::holds_alternative<Notice>(help));
  EXPECT_EQ(std::get<Notice>(help).status, 0);
  for (const char* part : {"whoever captures any stone wins", "--board WxH", "--exhaustive", "Examples:"}) {
    EXPECT_THAT(std::get<Notice>(help).text, HasSubstr(part));
  }
  const auto version = parse({"--version"});
  ASSERT_TRUE(std::holds_alternative<Notice>(version));
  EXPECT_THAT(std::get<Notice>(version).text, testing::MatchesRegex("go-capture [0-9.]+\n"));
}

struct Wrong {
  const char* name;
  Arguments arguments;
  const char* says;
};
void PrintTo(const Wrong& wrong, std::ostream* stream) { *stream << wrong.name; }

class WrongOptions : public testing::TestWithParam<Wrong> {};

TEST_P(WrongOptions, AreOneClearLine) {
  const auto parsed = parse(GetParam().arguments);
  ASSERT_TRUE(std::holds_alternative<Notice>(parsed));
  const auto& notice = std::get<Notice>(parsed);
  EXPECT_EQ(notice.status, 2);
  EXPECT_THAT(notice.text, StartsWith("go-capture: "));
  EXPECT_THAT(notice.text, HasSubstr(GetParam().says));
  EXPECT_EQ(std::count(notice.text.begin(), notice.text.end(), '\n'), 1);
  EXPECT_EQ(notice.text.back(), '\n');
}

INSTANTIATE_TEST_SUITE_P(
    All, WrongOptions,
    testing::Values(
        Wrong{"board_too_large", {"--board", "8x4"}, "--board: '8x4'"},
        Wrong{"board_too_small", {"--board", "0x4"}, "--board: '0x4'"},
        Wrong{"board_no_size", {"--board", "four"}, "--board: 'four'"},
        Wrong{"board_empty", {"--board", ""}, "--board"},
        Wrong{"board_tail", {"--board", "4x4x"}, "--board: '4x4x'"},
        Wrong{"start_unknown", {"--start", "corner"}, "'corner' is not one of empty|crosscut"},
        Wrong{"start_does_not_fit", {"--board", "3x3", "--start", "crosscut"}, "does not fit a 3x3"},
        Wrong{"colour_unknown", {"--to-move", "red"}, "'red' is not one of black|white"},
        Wrong{"suicide_unknown", {"--suicide", "wins"}, "'wins' is not one of forbidden|loses"},
        Wrong{"table_zero", {"--table-mib", "0"}, "--table-mib"},
        Wrong{"table_no_number", {"--table-mib", "much"}, "--table-mib"},
        Wrong{"table_too_large", {"--table-mib", "65537"}, "--table-mib"},
        Wrong{"position_and_board", {"--position", "a", "--board", "3x3"}, "--position"},
        Wrong{"position_and_start", {"--position", "a", "--start", "empty"}, "--position"},
        Wrong{"value_missing", {"--board"}, "--board"},
        Wrong{"option_unknown", {"--workers", "4"}, "--workers"}, Wrong{"argument_unknown", {"4x4"}, "4x4"}),
    test::CaseName{});

}  // namespace
}  // namespace capture
