// Why: a hundred million nodes, and a tree 17,844 deep: what is only wrong in the long run or far down.
#include <gtest/gtest.h>

#include "tests/examples/ranks.hpp"
#include "tests/examples/uts/trees.hpp"

namespace zel::test {
namespace {

using namespace std::chrono_literals;

class LargeUts : public testing::TestWithParam<uts::test::Known> {};

TEST_P(LargeUts, IsCountedExactlyByTwoRanks) {
  const auto& [name, arguments, tally] = GetParam();
  Process job(ranks_of(2, "uts", arguments));
  const auto report = report_of(job.finish(300s));
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report.at("nodes"), tally.nodes);
  EXPECT_EQ(report.at("leaves"), tally.leaves);
  EXPECT_EQ(report.at("depth"), tally.depth);
}
INSTANTIATE_TEST_SUITE_P(Published, LargeUts, testing::Values(uts::test::t1l, uts::test::t2l, uts::test::t3l),
                         uts::test::NameOf{});

}  // namespace
}  // namespace zel::test
