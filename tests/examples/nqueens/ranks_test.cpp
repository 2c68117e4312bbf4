// Why: the same numbers by tasks, whatever the cut-off, by any number of ranks, and when one is killed.
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/examples/nqueens/known.hpp"
#include "tests/examples/ranks.hpp"

namespace zel::test {
namespace {

TEST(NQueensRanks, EveryBoardTo14HasItsKnownNumberOfSolutions) {
  for (int size = 1; size <= 14; ++size) {
    const auto report = report_of(run(ranks_of(size % 4 + 1, "nqueens", {std::to_string(size)})));
    EXPECT_EQ(report.at("solutions"), nqueens::test::solutions[static_cast<std::size_t>(size)]) << size;
    EXPECT_EQ(report.at("workers"), size % 4 + 1);
  }
}

TEST(NQueensRanks, TheCutOffChangesNothing) {
  for (const char* rows : {"0", "1", "6", "10", "30"}) {
    const auto report = report_of(run(ranks_of(2, "nqueens", {"10", "--rows-alone", rows})));
    EXPECT_EQ(report.at("solutions"), 724) << rows;
  }
}

TEST(NQueensRanks, ARankKilledInTheMiddleCostsNothing) {
  Killable job(ranks_of(3, "nqueens", {"15"}), "nqueens." + std::to_string(::getpid()));
  EXPECT_TRUE(job.kill_after(1, 20'000'000));
  const auto done = job.finish();
  EXPECT_EQ(done.status, 137) << done.err;
  const auto report = nlohmann::json::parse(done.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << done.out << done.err;
  EXPECT_EQ(report.at("solutions"), nqueens::test::solutions[15]);
}

}  // namespace
}  // namespace zel::test
