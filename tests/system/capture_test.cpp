// The example application as the README tells to run it: exact counts whatever the number of ranks, also when
// ranks die, and one clear error for what makes no sense.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/process.hpp"

namespace zel::test {
namespace {

Finished capture(int ranks, std::vector<std::string> arguments, std::vector<std::string> zrun_options = {}) {
  std::vector<std::string> all{program("zrun"), "-q", "-n", std::to_string(ranks)};
  all.insert(all.end(), zrun_options.begin(), zrun_options.end());
  all.push_back(program("go-capture"));
  all.insert(all.end(), arguments.begin(), arguments.end());
  return run(std::move(all));
}

nlohmann::json report_of(const Finished& done) {
  EXPECT_EQ(done.status, 0) << done.err;
  return nlohmann::json::parse(done.out, nullptr, false);
}

TEST(Capture, TheWholeTreeIsCountedExactlyByAnyNumberOfRanks) {
  for (const int ranks : {1, 2, 5}) {
    const auto report = report_of(capture(ranks, {"--board", "3x3", "--exhaustive", "--json"}));
    EXPECT_EQ(report.at("nodes"), 342'810);
    EXPECT_EQ(report.at("leaves"), 175'720);
    EXPECT_EQ(report.at("winner"), "black");
    EXPECT_EQ(report.at("plies"), 7);
    EXPECT_EQ(report.at("workers"), ranks);
  }
  const auto report = report_of(capture(4, {"--board", "3x4", "--exhaustive", "--json"}));
  EXPECT_EQ(report.at("nodes"), 266'061'513);
  EXPECT_EQ(report.at("leaves"), 143'794'168);
}

TEST(Capture, TheReportHasTheFieldsThatScriptsRelyOn) {
  const auto report = report_of(capture(2, {"--board", "2x3", "--json"}));
  std::set<std::string> names;
  for (const auto& [name, value] : report.items()) names.insert(name);
  EXPECT_EQ(names, (std::set<std::string>{"board", "start", "rules", "mode", "winner", "plies", "best_moves", "nodes",
                                          "leaves", "seconds", "workers", "efficiency"}));
}

TEST(Capture, TheSolverKnowsTheResultsThatAreKnown) {
  const auto four = report_of(capture(2, {"--board", "4x4", "--json"}));
  EXPECT_EQ(four.at("winner"), "white");
  EXPECT_EQ(four.at("plies"), 14);
  const auto crosscut = report_of(capture(2, {"--board", "4x4", "--start", "crosscut", "--json"}));
  EXPECT_EQ(crosscut.at("winner"), "black");
  EXPECT_EQ(crosscut.at("plies"), 5);
  const auto five = report_of(capture(2, {"--board", "5x5", "--json"}));
  EXPECT_EQ(five.at("winner"), "black");
  EXPECT_EQ(five.at("plies"), 19);
}

TEST(Capture, OneBestMoveIsOneOfTheBestAndWorthAsMuch) {
  const std::vector<std::vector<std::string>> boards{
      {"--board", "3x3"}, {"--board", "4x4"}, {"--board", "4x4", "--start", "crosscut"},
      {"--board", "4x4", "--to-move", "white", "--suicide", "loses"}, {"--board", "5x4"}};
  for (auto arguments : boards) {
    arguments.emplace_back("--json");
    const auto all = report_of(capture(1, arguments));
    arguments.emplace_back("--best");
    for (const int ranks : {1, 2, 4}) {
      const auto best = report_of(capture(ranks, arguments));
      EXPECT_EQ(best.at("mode"), "best");
      EXPECT_EQ(best.at("winner"), all.at("winner")) << arguments[1];
      EXPECT_EQ(best.at("plies"), all.at("plies")) << arguments[1];
      ASSERT_EQ(best.at("best_moves").size(), 1u) << arguments[1];
      const auto& moves = all.at("best_moves");
      EXPECT_NE(std::find(moves.begin(), moves.end(), best.at("best_moves").at(0)), moves.end()) << arguments[1];
    }
  }
}

TEST(Capture, ThePictureIsForPeopleAndNothingElseIsPrintedIntoAPipe) {
  const auto done = capture(2, {"--board", "3x3"});
  EXPECT_EQ(done.status, 0);
  EXPECT_EQ(done.err, "");
  EXPECT_NE(done.out.find("Black wins in 7 plies"), std::string::npos) << done.out;
}

TEST(Capture, WhatMakesNoSenseIsSaidOnce) {
  const auto done = capture(3, {"--board", "3by3"}, {"--on-failure", "ignore"});
  EXPECT_EQ(done.status, 2);
  std::size_t said = 0;
  for (auto at = done.err.find("go-capture: "); at != std::string::npos; at = done.err.find("go-capture: ", at + 1)) {
    ++said;
  }
  EXPECT_EQ(said, 1u) << done.err;
}

TEST(Capture, AMalformedPositionIsRefusedWithItsPlace) {
  char path[] = "/tmp/zel-position-XXXXXX";
  ::close(::mkstemp(path));
  std::ofstream(path) << ". X .\n. ? .\n. . .\n";
  const auto done = capture(2, {"--position", path}, {"--on-failure", "ignore"});
  ::unlink(path);
  EXPECT_EQ(done.status, 2);
  EXPECT_NE(done.err.find(":2:"), std::string::npos) << done.err;
}

TEST(Capture, ARankKilledInTheMiddleCostsNothingOfTheResult) {
  for (int round = 0; round < 3; ++round) {
    const std::string mark = "capture." + std::to_string(::getpid()) + "." + std::to_string(round);
    Process job({program("zrun"), "-q", "-n", "3", "--on-failure", "ignore", program("go-capture"), "--board", "3x4",
                 "--exhaustive", "--json"},
                {.input = {}, .keep_stdin_open = false, .environment = {{"ZEL_TEST_MARK", mark}}, .directory = {}});
    pid_t victim = 0;
    ASSERT_TRUE(eventually([&] {
      const auto of_rank = processes_with("ZEL_RANK=" + std::to_string(1 + round % 2));
      for (const pid_t pid : processes_with("ZEL_TEST_MARK=" + mark)) {
        if (std::find(of_rank.begin(), of_rank.end(), pid) != of_rank.end()) victim = pid;
      }
      return victim != 0;
    }));
    ::kill(victim, SIGKILL);
    const auto done = job.finish();
    EXPECT_EQ(done.status, 137);
    const auto report = nlohmann::json::parse(done.out, nullptr, false);
    ASSERT_FALSE(report.is_discarded()) << done.out << done.err;
    EXPECT_EQ(report.at("nodes"), 266'061'513);
    EXPECT_EQ(report.at("leaves"), 143'794'168);
  }
}

}  // namespace
}  // namespace zel::test
