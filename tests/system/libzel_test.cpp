// libzel as its users get it: real ranks under zrun, real membership, real messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/process.hpp"

namespace zel::test {
namespace {

using ByRank = std::map<int, std::vector<std::string>>;

ByRank by_rank(const std::string& text) {
  ByRank lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    const auto colon = line.find(": ");
    if (colon != std::string::npos) lines[std::stoi(line)].push_back(line.substr(colon + 2));
  }
  return lines;
}

Finished probe(int ranks, const std::string& scene, std::vector<std::string> options = {}) {
  std::vector<std::string> arguments{program("zrun"), "-n", std::to_string(ranks)};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(program("zel_probe"));
  arguments.push_back(scene);
  return run(std::move(arguments));
}

TEST(Libzel, EveryRankKnowsItsPlace) {
  const auto done = probe(3, "identity");
  EXPECT_EQ(done.status, 0) << done.err;
  const auto lines = by_rank(done.out);
  ASSERT_EQ(lines.size(), 3u) << done.out;
  const auto job = lines.at(0).at(0).substr(lines.at(0).at(0).rfind(' ') + 1);
  EXPECT_EQ(lines.at(2).at(0), "2/3 local 2/3 " + job);
}

TEST(Libzel, AloneItIsRankZeroOfOne) {
  const auto done = run({program("zel_probe"), "identity"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, "0: 0/1 local 0/1 alone\n");
  EXPECT_EQ(run({program("zel_probe"), "log"}).out, "0: 1 joined 0\n0: 2 closed 0\n");
  EXPECT_EQ(run({program("zel_probe"), "compute"}).out, "0: 2178309 6765\n0: 1 workers, tasks many\n");
}

TEST(Libzel, AllSeeTheSameLogInTheSameOrder) {
  const auto done = probe(8, "log");
  EXPECT_EQ(done.status, 0) << done.err;
  const auto lines = by_rank(done.out);
  ASSERT_EQ(lines.size(), 8u) << done.out;
  for (const auto& [rank, log] : lines) EXPECT_EQ(log, lines.at(0)) << "rank " << rank;
  ASSERT_EQ(lines.at(0).size(), 9u);
  EXPECT_EQ(lines.at(0).back().substr(0, 9), "9 closed ");
}

TEST(Libzel, TheElectedIsTheSameForAllAndSoIsTheSuccessor) {
  const auto done = probe(4, "election");
  EXPECT_EQ(done.status, 0) << done.err;
  const auto lines = by_rank(done.out);
  ASSERT_EQ(lines.size(), 4u) << done.out;
  const auto first = lines.at(0).at(0);
  std::set<std::string> successors;
  for (const auto& [rank, said] : lines) {
    EXPECT_EQ(said.at(0), first);
    if (said.size() > 1) successors.insert(said.at(1));
  }
  EXPECT_EQ(successors.size(), 1u) << done.out;
}

TEST(Libzel, ADeathIsToldWithItsCauseAndSendingToTheDeadFails) {
  const auto done = probe(3, "death", {"--on-failure", "ignore"});
  EXPECT_EQ(done.status, 137) << done.err;
  const auto lines = by_rank(done.out);
  for (const int rank : {0, 2}) {
    const auto& said = lines.at(rank);
    EXPECT_NE(std::find_if(said.begin(), said.end(),
                           [](const auto& line) { return line.find("died 1 ended by signal 9") != std::string::npos; }),
              said.end())
        << done.out;
    EXPECT_EQ(said.back(), "error 2 about 1");
  }
}

TEST(Libzel, ABarrierWithADeadMemberFailsAtEverySurvivor) {
  const auto done = probe(4, "barrier-death", {"--on-failure", "ignore"});
  const auto lines = by_rank(done.out);
  ASSERT_EQ(lines.size(), 3u) << done.out << done.err;
  for (const auto& [rank, said] : lines) EXPECT_EQ(said.at(0), "lost 1") << rank;
}

TEST(Libzel, ARankThatNeverJoinsIsNotWaitedFor) {
  const auto done = run({program("zrun"), "-n", "3", "--timeout", "20", "sh", "-c",
                         "test $ZEL_RANK = 1 && exit 0; exec " + program("zel_probe") + " barrier-absent"});
  EXPECT_EQ(done.status, 0) << done.err;
  const auto lines = by_rank(done.out);
  ASSERT_EQ(lines.size(), 2u) << done.out << done.err;
  for (const auto& [rank, said] : lines) EXPECT_EQ(said.at(0), "lost 1") << rank;
}

TEST(Libzel, AChildMadeByForkDoesNotLeaveInItsParentsName) {
  const auto done = probe(2, "fork");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out.find("left"), std::string::npos) << done.out;
}

TEST(Libzel, ExitingWithoutLeavingIsDying) {
  const auto done = probe(2, "no-leave");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("died 1 exited with status 0 without leaving"), std::string::npos) << done.out;
}

TEST(Libzel, ASignalReachesItsMemberOnlyAndTerminationAll) {
  const auto done = probe(3, "signals");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out.find("not mine"), std::string::npos);
  EXPECT_NE(done.out.find("signalled 0 hello"), std::string::npos) << done.out;
  for (const auto& [rank, said] : by_rank(done.out)) EXPECT_EQ(said.back(), "terminated") << rank;
}

TEST(Libzel, LargeMessagesGoRound) {
  const auto done = probe(4, "ring");
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_NE(done.out.find("0: 1000000 of 3\n"), std::string::npos) << done.out;
}

TEST(Libzel, AComputationGivesEveryRankTheSameResult) {
  for (const int ranks : {2, 4, 4, 4, 4, 8}) {
    const auto done = probe(ranks, "compute");
    EXPECT_EQ(done.status, 0) << done.err;
    const auto lines = by_rank(done.out);
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(ranks)) << done.out << done.err;
    for (const auto& [rank, said] : lines) EXPECT_EQ(said.at(0), "2178309 6765") << rank;
    EXPECT_EQ(lines.at(0).at(1).substr(2), "workers, tasks many");
  }
}

TEST(Libzel, AComputationSurvivesTheDeathOfAllButOne) {
  for (int round = 0; round < 10; ++round) {
    const auto done = probe(4, "compute-deaths", {"--on-failure", "ignore"});
    EXPECT_NE(done.out.find("0: 9227465\n"), std::string::npos) << done.out << done.err;
  }
}

TEST(Libzel, WhatOneRankSharesTheOthersSee) {
  for (const int ranks : {1, 2, 5}) {
    const auto done = probe(ranks, "shared");
    EXPECT_EQ(done.status, 0) << done.err;
    const auto lines = by_rank(done.out);
    ASSERT_EQ(lines.size(), static_cast<std::size_t>(ranks)) << done.out;
    for (const auto& [rank, said] : lines) EXPECT_EQ(said.at(0), "8 of 8 saw it") << "rank " << rank;
  }
}

TEST(Libzel, NoNetworkLibraryIsLoaded) { EXPECT_EQ(probe(1, "libraries").out, "0: looked\n"); }

TEST(Libzel, OneJobPerProcessAndOneProcessPerRank) {
  EXPECT_NE(probe(1, "second").out.find("refused: this process already has a zel::Job"), std::string::npos);
  const auto twice = run({program("zrun"), "sh", "-c",
                          program("zel_probe") + " identity >/dev/null; " + program("zel_probe") + " identity"});
  EXPECT_EQ(twice.status, 3);
  EXPECT_NE(twice.err.find("already"), std::string::npos) << twice.err;
}

TEST(Libzel, AClosedDescriptorIsExplained) {
  Process::Options options;
  options.environment = {{"ZEL_MEMBER_FD", "77"}};
  const auto done = Process({program("zel_probe"), "identity"}, std::move(options)).finish();
  EXPECT_EQ(done.status, 3);
  EXPECT_NE(done.err.find("descriptor 77, which is not open"), std::string::npos) << done.err;
}

TEST(Libzel, SurvivorsOfEachCollectiveGoOn) {
  int strike = 0;
  for (const char* operation : {"barrier", "broadcast", "reduce", "allreduce", "gather", "allgather", "scatter", "alltoall"}) {
    for (const int lost : {0, 2}) {
      strike += 137;
      const auto done = run({program("zrun"), "--on-failure", "ignore", "-n", "4", program("group_probe"), operation, std::to_string(lost), std::to_string(strike)});
      const auto lines = by_rank(done.out);
      EXPECT_EQ(lines.size(), 3u) << operation << ": " << done.out << done.err;
      for (const auto& [rank, said] : lines) {
        EXPECT_EQ(said, std::vector<std::string>{"lost " + std::to_string(lost) + ", 3 go on"}) << operation;
      }
    }
  }
}

TEST(Libzel, TheCInterfaceHolds) {
  const auto done = run({program("zrun"), "-n", "4", program("zel_c_api"), "loss"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(std::count(done.out.begin(), done.out.end(), '\n'), 3) << done.out;
}

}  // namespace
}  // namespace zel::test
