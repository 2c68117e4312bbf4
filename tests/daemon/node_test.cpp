// The node's engines put together, without a socket: what a launcher, a keeper and members say, and every
// action that follows.
#include "daemon/node.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "daemon/job/rank_environment.hpp"

namespace zel::daemon {
namespace {

const base::Time now{std::chrono::hours(1)};
const JobId here_job{{}, 1};  // of the first launcher of a private node

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() : node_(setup(), now) {}

  static NodeSetup setup() {
    NodeSetup setup;
    setup.host = "here";
    setup.topology = {{{0, 0, 0, 0, 0}, {1, 0, 0, 1, 0}}, true};
    return setup;
  }

  static wire::run::Submit submission(std::uint32_t ranks) {
    wire::run::Submit submit;
    submit.ranks = ranks;
    submit.program = "/bin/app";
    submit.arguments = {"app"};
    submit.environment = {"HOME=/root"};
    submit.directory = "/";
    return submit;
  }
  void start(std::uint32_t ranks) {
    ASSERT_TRUE(node_.on_launcher(1, submission(ranks), now));
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      node_.on_keeper(here_job, wire::keeper::Spawned{rank, static_cast<int>(rank) + 10}, now);
    }
    node_.take_actions(now);
  }
  /// The actions of one kind since the last look; others are forgotten.
  template <class T>
  std::vector<T> actions() {
    std::vector<T> found;
    for (auto& action : node_.take_actions(now)) {
      if constexpr (std::is_same_v<T, ToLauncher>) {
        if (auto* wanted = std::get_if<T>(&action)) found.push_back(std::move(*wanted));
      } else if (auto* here = std::get_if<AtHost>(&action)) {
        if (auto* wanted = std::get_if<T>(&here->action)) found.push_back(std::move(*wanted));
      }
    }
    return found;
  }
  /// What a member was told, one word an entry.
  std::string told(std::uint32_t rank) {
    std::string words;
    for (const auto& action : actions<job::ToMember>()) {
      if (action.rank != rank) continue;
      if (std::holds_alternative<wire::member::Welcome>(action.message)) words += "welcome ";
      if (std::holds_alternative<wire::member::Refused>(action.message)) words += "refused ";
      if (const auto* news = std::get_if<wire::member::Events>(&action.message)) {
        for (const auto& event : news->events) words += std::to_string(event.sequence) + " ";
      }
    }
    return words;
  }

  Node node_;
};

TEST_F(NodeTest, AGoodSubmissionIsPlannedAndStarted) {
  ASSERT_TRUE(node_.on_launcher(1, submission(2), now));
  const auto all = node_.take_actions(now);
  ASSERT_EQ(all.size(), 2u);
  const auto& planned = std::get<wire::run::Planned>(std::get<ToLauncher>(all[0]).message);
  EXPECT_EQ(planned.node, "here");
  EXPECT_EQ(planned.hosts.at(0).cores, 2u);
  const auto& start = std::get<job::StartRanks>(std::get<AtHost>(all[1]).action);
  ASSERT_EQ(start.ranks.size(), 2u);
  EXPECT_EQ(start.ranks[1].cpus, (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(start.ranks[1].environment.front(), "ZEL_RANK=1");
}

TEST_F(NodeTest, ADryRunStartsNothing) {
  auto submit = submission(2);
  submit.dry_run = true;
  ASSERT_TRUE(node_.on_launcher(1, submit, now));
  const auto all = node_.take_actions(now);
  const auto starts = [](const Action& action) {
    const auto* here = std::get_if<AtHost>(&action);
    return here && std::holds_alternative<job::StartRanks>(here->action);
  };
  EXPECT_TRUE(std::none_of(all.begin(), all.end(), starts));
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const auto& a) { return std::holds_alternative<ForgetLauncher>(a); }));
  EXPECT_TRUE(node_.idle());
}

TEST_F(NodeTest, AnotherVersionIsRefusedPolitelyNonsenseIsNot) {
  auto submit = submission(1);
  submit.protocol = 99;
  EXPECT_TRUE(node_.on_launcher(1, submit, now));
  const auto answers = actions<ToLauncher>();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<wire::run::Refused>(answers[0].message));
  for (auto* spoil : {+[](wire::run::Submit& s) { s.ranks = 0; }, +[](wire::run::Submit& s) { s.ranks = 5000; },
                      +[](wire::run::Submit& s) { s.arguments.clear(); },
                      +[](wire::run::Submit& s) { s.program = "relative"; },
                      +[](wire::run::Submit& s) { s.stdin_rank = 7; }}) {
    auto wrong = submission(1);
    spoil(wrong);
    EXPECT_FALSE(node_.on_launcher(2, wrong, now));
  }
  start(1);
  EXPECT_FALSE(node_.on_launcher(1, submission(1), now)) << "a second job on one connection";
  EXPECT_FALSE(node_.on_launcher(1, wire::run::Signal{99}, now));
}

TEST_F(NodeTest, MembersGetTheLogFromItsBeginningAndEachEntryOnce) {
  start(2);
  ASSERT_TRUE(node_.on_member(here_job, 0, wire::member::Hello{}, now));
  EXPECT_EQ(told(0), "welcome 1 ");
  ASSERT_TRUE(node_.on_member(here_job, 1, wire::member::Hello{}, now));
  auto all = node_.take_actions(now);
  std::string to_first, to_second;
  for (const auto& action : all) {
    const auto* here = std::get_if<AtHost>(&action);
    const auto* tell = here ? std::get_if<job::ToMember>(&here->action) : nullptr;
    if (!tell) continue;
    const auto* news = std::get_if<wire::member::Events>(&tell->message);
    for (std::size_t i = 0; news && i < news->events.size(); ++i) {
      (tell->rank == 0 ? to_first : to_second) += std::to_string(news->events[i].sequence) + " ";
    }
  }
  EXPECT_EQ(to_first, "2 3 ");
  EXPECT_EQ(to_second, "1 2 3 ");
}

TEST_F(NodeTest, ASignalIsOnlyTheBusinessOfThoseItIsFor) {
  start(3);
  for (const std::uint32_t rank : {0u, 1u, 2u}) ASSERT_TRUE(node_.on_member(here_job, rank, wire::member::Hello{}, now));
  node_.take_actions(now);
  ASSERT_TRUE(node_.on_member(here_job, 0, wire::member::SignalMembers{"x", {2}}, now));
  const auto sent = actions<job::ToMember>();
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].rank, 2u);
}

TEST_F(NodeTest, ALostConnectionIsExplainedByTheExitIfItComesInTime) {
  start(2);
  for (const std::uint32_t rank : {0u, 1u}) ASSERT_TRUE(node_.on_member(here_job, rank, wire::member::Hello{}, now));
  node_.take_actions(now);
  node_.on_member_gone(here_job, 1, now);
  EXPECT_EQ(node_.next_deadline(), now + std::chrono::milliseconds(200));
  node_.on_keeper(here_job, wire::keeper::Exited{1, 0, SIGKILL, 0, 0, 0, 0, false}, now);
  const auto news = actions<job::ToMember>();
  ASSERT_EQ(news.size(), 1u);
  EXPECT_EQ(std::get<wire::member::Events>(news[0].message).events[0].text, "ended by signal 9");
}

TEST_F(NodeTest, ALostConnectionWithoutAnExitIsADeathAfterAWhile) {
  start(2);
  for (const std::uint32_t rank : {0u, 1u}) ASSERT_TRUE(node_.on_member(here_job, rank, wire::member::Hello{}, now));
  node_.take_actions(now);
  node_.on_member_gone(here_job, 1, now);
  node_.on_timer(now + std::chrono::milliseconds(199));
  EXPECT_EQ(told(0), "");
  node_.on_timer(now + std::chrono::milliseconds(200));
  EXPECT_EQ(told(0), "4 ");
}

TEST_F(NodeTest, AnUngrantedRequestHarmsNobody) {
  start(1);
  ASSERT_TRUE(node_.on_member(here_job, 0, wire::member::Elect{"early"}, now));
  EXPECT_EQ(told(0), "refused ");
  wire::member::Hello wrong;
  wrong.protocol = 9;
  ASSERT_TRUE(node_.on_member(here_job, 0, wrong, now));
  EXPECT_EQ(told(0), "refused ");
  ASSERT_TRUE(node_.on_member(here_job, 0, wire::member::Hello{}, now));
  EXPECT_EQ(told(0), "welcome 1 2 ");
}

TEST_F(NodeTest, WhatComesForAJobThatIsOverIsIgnored) {
  const JobId other{{}, 7};
  EXPECT_TRUE(node_.on_launcher(7, wire::run::Kill{}, now));
  node_.on_keeper(other, wire::keeper::Swept{0}, now);
  EXPECT_TRUE(node_.on_member(other, 0, wire::member::Hello{}, now));
  node_.on_member_gone(other, 0, now);
  node_.on_launcher_gone(7, now);
  EXPECT_TRUE(node_.take_actions(now).empty());
}

TEST(RankEnvironment, TakesOutWhatAnOuterLauncherLeft) {
  const job::RankEnvironment environment({"A=1", "PMI_RANK=3", "PMIX_RANK=3", "ZEL_RANK=9", "ZEL_MEMBER_FD=4"}, "here", "job",
                                         4, 3, 2);
  const std::vector<std::string> expected{"A=1", "OMP_NUM_THREADS=2", "ZEL_SIZE=4", "ZEL_LOCAL_SIZE=3",
                                          "ZEL_NODE=here", "ZEL_JOB=job"};
  EXPECT_EQ(environment.common(), expected);
  EXPECT_EQ(environment.of(3, 1), (std::vector<std::string>{"ZEL_RANK=3", "ZEL_LOCAL_RANK=1"}));
}

TEST(RankEnvironment, AUsersNumberOfThreadsStands) {
  const job::RankEnvironment environment({"OMP_NUM_THREADS=7"}, "here", "job", 1, 1, 2);
  EXPECT_EQ(environment.common().front(), "OMP_NUM_THREADS=7");
  EXPECT_EQ(std::count(environment.common().begin(), environment.common().end(), "OMP_NUM_THREADS=2"), 0);
}

}  // namespace
}  // namespace zel::daemon
