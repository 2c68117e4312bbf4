// Why: the counts of the example programs by the threads of one process, which the thread sanitizer can
// watch: `cmake --build --preset tsan --target threads_test && ctest --preset tsan -R Threads`.
#include <gtest/gtest.h>

#include "tests/examples/nqueens/known.hpp"
#include "tests/examples/ranks.hpp"
#include "tests/examples/uts/trees.hpp"

namespace zel::test {
namespace {

/// The JSON report of a program that runs alone.
nlohmann::json by_threads(int threads, const std::string& name, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program(name));
  arguments.emplace_back("--json");
  Process alone(std::move(arguments), {.input = {},
                                       .keep_stdin_open = false,
                                       .environment = {{"ZEL_THREADS", std::to_string(threads)}},
                                       .directory = {}});
  return report_of(alone.finish(std::chrono::seconds(120)));
}

class UtsByThreads : public testing::TestWithParam<uts::test::Known> {};

TEST_P(UtsByThreads, IsCountedExactly) {
  for (const int threads : {2, 3, 4}) {
    const auto report = by_threads(threads, "uts", GetParam().arguments);
    ASSERT_TRUE(report.is_object());
    EXPECT_EQ(report.at("nodes"), GetParam().tally.nodes);
    EXPECT_EQ(report.at("leaves"), GetParam().tally.leaves);
    EXPECT_EQ(report.at("depth"), GetParam().tally.depth);
  }
}
INSTANTIATE_TEST_SUITE_P(Published, UtsByThreads,
                         testing::Values(uts::test::t1, uts::test::t2, uts::test::t3, uts::test::t5),
                         uts::test::NameOf{});

TEST(NQueensByThreads, HaveTheirKnownNumberOfSolutions) {
  for (const int threads : {2, 3, 4}) {
    for (const char* rows_alone : {"4", "9"}) {
      const auto report = by_threads(threads, "nqueens", {"12", "--rows-alone", rows_alone});
      ASSERT_TRUE(report.is_object());
      EXPECT_EQ(report.at("solutions"), nqueens::test::solutions[12]);
    }
  }
}

TEST(CaptureByThreads, IsCountedExactlyAndSolved) {
  for (const int threads : {2, 4}) {
    const auto counted = by_threads(threads, "go-capture", {"--board", "3x3", "--exhaustive"});
    ASSERT_TRUE(counted.is_object());
    EXPECT_EQ(counted.at("nodes"), 342'810);
    const auto best = by_threads(threads, "go-capture", {"--board", "4x4", "--best"});
    ASSERT_TRUE(best.is_object());
    EXPECT_EQ(best.at("winner"), "white");
    EXPECT_EQ(best.at("plies"), 14);
  }
}

}  // namespace
}  // namespace zel::test
