// Why: a tree that nobody can cut beforehand is what work stealing is for. Its counts are exact by any number
// of ranks, and when ranks are killed at random in the middle of it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "tests/examples/ranks.hpp"
#include "tests/examples/uts/trees.hpp"

namespace zel::test {
namespace {

using uts::test::Known;

void expect_exact(const nlohmann::json& report, const Known& tree) {
  ASSERT_TRUE(report.is_object());
  EXPECT_EQ(report.at("nodes"), tree.tally.nodes) << tree.name;
  EXPECT_EQ(report.at("leaves"), tree.tally.leaves) << tree.name;
  EXPECT_EQ(report.at("depth"), tree.tally.depth) << tree.name;
}

class Uts : public testing::TestWithParam<Known> {};

TEST_P(Uts, IsCountedExactlyByAnyNumberOfRanks) {
  for (const int ranks : {1, 2, 4}) {
    const auto report = report_of(run(ranks_of(ranks, "uts", GetParam().arguments)));
    expect_exact(report, GetParam());
    EXPECT_EQ(report.at("workers"), ranks);
  }
}
INSTANTIATE_TEST_SUITE_P(Published, Uts,
                         testing::Values(uts::test::t1, uts::test::t2, uts::test::t3, uts::test::t4,
                                         uts::test::t5),
                         uts::test::NameOf{});

TEST(UtsRanks, NoneOfThemIsStartedWithoutZrun) {
  auto arguments = uts::test::t3.arguments;
  arguments.insert(arguments.begin(), program("uts"));
  arguments.insert(arguments.end(), {"--json"});
  expect_exact(report_of(run(arguments)), uts::test::t3);
}

TEST(UtsRanks, TheRootAloneIsATreeToo) {
  const auto report = report_of(run(ranks_of(4, "uts", {"-t", "0", "-b", "0"})));
  EXPECT_EQ(report.at("nodes"), 1);
  EXPECT_EQ(report.at("leaves"), 1);
  EXPECT_EQ(report.at("depth"), 0);
}

TEST(UtsRanks, KilledAtRandomTheyCostNothingOfTheCount) {
  constexpr int runs = 20;
  constexpr int ranks = 4;
  std::mt19937 random(20);
  const auto between = [&random](int low, int high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  int killed = 0;
  for (int number = 0; number < runs; ++number) {
    const Known& tree = number % 2 == 0 ? uts::test::t1 : uts::test::t3;
    auto arguments = tree.arguments;
    arguments.insert(arguments.end(), {"-g", "2"});
    Killable job(ranks_of(ranks, "uts", arguments),
                 "uts." + std::to_string(::getpid()) + "." + std::to_string(number));
    std::vector<int> victims{1, 2, 3};
    std::shuffle(victims.begin(), victims.end(), random);
    victims.resize(static_cast<std::size_t>(between(1, 3)));
    int of_this_run = 0;
    for (const int victim : victims) of_this_run += job.kill_after(victim, between(1, 100) * 1'000'000);
    const auto done = job.finish();
    EXPECT_EQ(done.status, of_this_run > 0 ? 137 : 0) << done.err;
    expect_exact(nlohmann::json::parse(done.out, nullptr, false), tree);
    killed += of_this_run;
  }
  RecordProperty("killed", killed);
  EXPECT_GE(killed, runs);  // most were in time
}

}  // namespace
}  // namespace zel::test
