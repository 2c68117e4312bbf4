// Jobs over several nodes: what starts, what ends, and who hears of it, whatever is lost.
#include <gmock/gmock.h>

#include "tests/daemon/cluster.hpp"

namespace zel::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint8_t n1 = 1, n2 = 2, n3 = 3;

/// Three nodes of two cores; node 1 is where zrun is.
class ClusterTest : public ::testing::Test {
 protected:
  explicit ClusterTest(std::uint64_t seed = 1) : cluster(seed) {
    for (const auto number : {n1, n2, n3}) cluster.add(number, 2);
    cluster.run(15s);
  }
  /// Six ranks, on all of them. The hosts in the order in which they have ranks.
  void start_six(wire::run::OnFailure on_failure = wire::run::OnFailure::cancel) {
    auto submit = Cluster::submission(6);
    submit.on_failure = on_failure;
    cluster.submit(1, 1, submit);
    ASSERT_EQ(cluster.told<wire::run::Planned>(1).size(), 1u) << refusal();
    ASSERT_EQ(cluster.told<wire::run::Started>(1).size(), 6u);
  }
  std::string refusal(LauncherNumber launcher = 1) const {
    const auto refused = cluster.told<wire::run::Refused>(1, launcher);
    return refused.empty() ? "" : refused[0].text;
  }
  std::string ended(LauncherNumber launcher = 1) const {
    const auto all = cluster.told<wire::run::Ended>(1, launcher);
    return all.empty() ? "not ended" : std::to_string(all[0].exit_status) + ": " + all[0].cause;
  }
  std::uint8_t host_of(std::uint32_t rank) const {
    const auto planned = cluster.told<wire::run::Planned>(1).at(0);
    return static_cast<std::uint8_t>(std::stoi(planned.hosts.at(planned.ranks.at(rank).host).name.substr(1)));
  }
  void exit_all(int code = 0) {
    for (std::uint32_t rank = 0; rank < 6; ++rank) cluster.exit(host_of(rank), rank, code);
  }
  void expect_nothing_left() {
    cluster.run(15s);
    for (auto& [number, node] : cluster.nodes) {
      if (cluster.down.contains(number)) continue;
      EXPECT_TRUE(node->idle()) << "node " << int{number};
      EXPECT_EQ(node->status(cluster.now).cores_free, 2u) << "node " << int{number};
    }
  }

  Cluster cluster;
};

TEST_F(ClusterTest, AJobRunsOnAllHostsAndEndsOnAll) {
  start_six();
  const auto planned = cluster.told<wire::run::Planned>(1).at(0);
  ASSERT_EQ(planned.hosts.size(), 3u);
  EXPECT_EQ(planned.hosts[0].name, "n1") << "nearest first";
  EXPECT_EQ(planned.ranks.size(), 6u);
  EXPECT_EQ(planned.ranks[5].host, 2u);
  const auto& second = cluster.ranks(host_of(2), Cluster::job());
  ASSERT_EQ(second.running.size(), 2u);
  EXPECT_EQ(second.running[1].rank, 3u);
  EXPECT_THAT(second.running[1].environment, ElementsAre("ZEL_RANK=3", "ZEL_LOCAL_RANK=1"));
  exit_all();
  cluster.run(1s);
  EXPECT_EQ(ended(), "0: ");
  expect_nothing_left();
}

TEST_F(ClusterTest, OutputOfEveryHostComesAndItsEnd) {
  start_six();
  for (std::uint32_t rank = 0; rank < 6; ++rank) {
    const auto text = base::as_bytes("hello");
    cluster.nodes[host_of(rank)]->on_output(Cluster::job(), {rank, wire::run::Stream::out, {text.begin(), text.end()}},
                                           cluster.now);
  }
  cluster.run(1s);
  EXPECT_EQ(cluster.told<wire::run::Output>(1).size(), 6u);
  exit_all(3);
  cluster.run(1s);
  EXPECT_EQ(cluster.told<wire::run::OutputEnd>(1).size(), 12u);
  EXPECT_THAT(ended(), HasSubstr("3: rank 0 (pid 100 on n1) exited with status 3"));
}

TEST(ClusterPrepare, NoRankStartsUnlessEveryHostIsPrepared) {
  Cluster cluster;
  cluster.add(1, 4);
  cluster.add(2, 2, 4);  // it offers more cores than it has, and so cannot bind to them
  cluster.run(15s);
  auto submit = Cluster::submission(2);
  submit.placement.cores_per_rank = 4;
  submit.placement.binding_given = true;
  cluster.submit(1, 1, submit);
  const auto refused = cluster.told<wire::run::Refused>(1);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].exit_status, 125);
  EXPECT_THAT(refused[0].text, ::testing::StartsWith("n2: cannot give a rank 4 cores"));
  for (const auto number : {n1, n2}) {
    EXPECT_TRUE(cluster.ranks(number, Cluster::job()).running.empty());
    EXPECT_TRUE(cluster.nodes[number]->idle());
    EXPECT_EQ(cluster.nodes[number]->status(cluster.now).cores_free, 4u) << "given back";
  }
}

TEST_F(ClusterTest, AHostThatFallsSilentBeforeItIsPreparedFailsTheJob) {
  ASSERT_TRUE(cluster.nodes[1]->on_launcher(1, Cluster::submission(6), cluster.now));
  cluster.loss = 1;
  cluster.run(13s);
  EXPECT_THAT(refusal(), HasSubstr("does not answer"));
  cluster.loss = 0;
  for (const auto number : {n1, n2, n3}) EXPECT_TRUE(cluster.ranks(number, Cluster::job()).running.empty());
  expect_nothing_left();
}

TEST_F(ClusterTest, ADryRunPlansEverywhereAndKeepsNothing) {
  auto submit = Cluster::submission(6);
  submit.dry_run = true;
  cluster.submit(1, 1, submit);
  EXPECT_EQ(cluster.told<wire::run::Planned>(1).at(0).hosts.size(), 3u);
  EXPECT_EQ(ended(), "0: ");
  EXPECT_TRUE(cluster.told<wire::run::Started>(1).empty());
  expect_nothing_left();
}

TEST_F(ClusterTest, ASignalReachesTheRanksOfEveryHost) {
  start_six();
  ASSERT_TRUE(cluster.nodes[1]->on_launcher(1, wire::run::Signal{SIGUSR1}, cluster.now));
  cluster.run(100ms);
  for (std::uint32_t rank = 0; rank < 6; ++rank) {
    EXPECT_THAT(cluster.ranks(host_of(rank), Cluster::job()).signals,
                ::testing::Contains(std::to_string(rank) + ",10"));
  }
}

TEST_F(ClusterTest, AFailureOnOneHostEndsTheOthers) {
  start_six();
  cluster.exit(host_of(4), 4, 7);
  cluster.run(100ms);
  EXPECT_THAT(cluster.ranks(host_of(2), Cluster::job()).signals, ElementsAre("2,15", "3,15"));
  cluster.run(10s);  // they do not listen: the grace period ends
  EXPECT_THAT(ended(), HasSubstr("7: rank 4 (pid 104 on n"));
  expect_nothing_left();
}

TEST_F(ClusterTest, ALostHostFailsTheJobAndIsNamed) {
  start_six();
  const auto lost = host_of(5);
  cluster.down.insert(lost);
  cluster.run(30s);
  EXPECT_THAT(ended(), HasSubstr("137: node n" + std::to_string(lost)));
  EXPECT_THAT(ended(), HasSubstr("was lost"));
  EXPECT_TRUE(cluster.ranks(host_of(2), Cluster::job()).swept);
  expect_nothing_left();
}

TEST_F(ClusterTest, IgnoringFailuresAJobOutlivesALostHost) {
  start_six(wire::run::OnFailure::ignore);
  const auto lost = host_of(5);
  cluster.down.insert(lost);
  cluster.run(30s);
  EXPECT_EQ(ended(), "not ended");
  EXPECT_EQ(cluster.told<wire::run::Exited>(1).size(), 2u);
  for (std::uint32_t rank = 0; rank < 4; ++rank) cluster.exit(host_of(rank), rank, 0);
  cluster.run(2s);
  EXPECT_THAT(ended(), HasSubstr("137: node n"));
  expect_nothing_left();
}

TEST_F(ClusterTest, AHostWhosePrimaryIsLostSweepsByItself) {
  start_six();
  const auto second = host_of(2);
  cluster.down.insert(1);
  cluster.run(9s);
  cluster.run(6s);
  EXPECT_TRUE(cluster.ranks(second, Cluster::job()).swept);
  EXPECT_TRUE(cluster.ranks(second, Cluster::job()).forgotten);
  expect_nothing_left();
}

// An administrator sees in the log of every node why ranks began and ended there.
TEST_F(ClusterTest, JobsStandInTheLogsOfTheirNodes) {
  for (auto& entry : cluster.logs) entry.second.clear();
  start_six();
  const auto second = host_of(2);
  const auto third = host_of(4);
  EXPECT_THAT(cluster.logs[1], HasSubstr("-1 begins: 6 × /bin/app on 3 nodes\n"));
  EXPECT_THAT(cluster.logs[second], HasSubstr(" of n1 (0101010101) begins here: 2 of its 6 ranks\n"));
  cluster.down.insert(third);
  cluster.run(30s);
  EXPECT_THAT(cluster.logs[1], HasSubstr(" has lost its host n" + std::to_string(third) + " ("));
  EXPECT_THAT(cluster.logs[1], HasSubstr(" is over\n"));
  EXPECT_THAT(cluster.logs[second], HasSubstr(" is over here\n"));
}

TEST_F(ClusterTest, AHostSaysThatItsPrimaryIsLost) {
  start_six();
  cluster.down.insert(1);
  cluster.run(30s);
  EXPECT_THAT(cluster.logs[host_of(2)], HasSubstr(" has lost its primary n1 (0101010101): "));
  EXPECT_THAT(cluster.logs[host_of(2)], HasSubstr(" is over here\n"));
}

TEST_F(ClusterTest, AStuckKeeperDoesNotHoldAHostWhosePrimaryIsLost) {
  start_six();
  const auto second = host_of(2);
  cluster.stubborn.insert(second);
  cluster.down.insert(1);
  cluster.run(30s);
  EXPECT_TRUE(cluster.ranks(second, Cluster::job()).forgotten);
}

TEST_F(ClusterTest, WithoutItsLauncherAJobIsGoneOnAllHosts) {
  start_six();
  cluster.nodes[1]->on_launcher_gone(1, cluster.now);
  cluster.run(1s);
  for (const auto number : {n1, n2, n3}) EXPECT_TRUE(cluster.ranks(number, Cluster::job()).forgotten);
  expect_nothing_left();
}

TEST_F(ClusterTest, AJobIsKilledByNameAtItsPrimaryOnly) {
  start_six();
  const auto name = cluster.told<wire::run::Planned>(1).at(0).job;
  ASSERT_EQ(cluster.nodes[2]->jobs(cluster.now).jobs.at(0).job, name);
  const auto refused = cluster.nodes[2]->kill(name, cluster.now);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().text, HasSubstr("n1"));
  EXPECT_TRUE(cluster.nodes[1]->kill(name, cluster.now));
  cluster.run(1s);
  EXPECT_THAT(ended(), HasSubstr("137: killed on n1"));
  expect_nothing_left();
}

TEST_F(ClusterTest, MembersOfAllHostsSeeOneLog) {
  start_six();
  for (const std::uint32_t rank : {5u, 0u, 3u}) {
    ASSERT_TRUE(cluster.nodes[host_of(rank)]->on_member(Cluster::job(), rank, wire::member::Hello{}, cluster.now));
    cluster.run(50ms);
  }
  EXPECT_EQ(cluster.ranks(host_of(5), Cluster::job()).told[5], "welcome(1/2) 1 2 3 ");
  EXPECT_EQ(cluster.ranks(host_of(3), Cluster::job()).told[3], "welcome(1/2) 1 2 3 ");
  EXPECT_EQ(cluster.ranks(1, Cluster::job()).told[0], "welcome(0/2) 1 2 3 ");
}

TEST_F(ClusterTest, APostCrossesHostsAndNothingElse) {
  start_six();
  for (std::uint32_t rank = 0; rank < 5; ++rank) {
    ASSERT_TRUE(cluster.nodes[host_of(rank)]->on_member(Cluster::job(), rank, wire::member::Hello{}, cluster.now));
  }
  cluster.run(100ms);
  wire::member::Post post;
  post.payload = base::Bytes(10);
  for (const std::uint32_t to : {0u, 3u, 4u, 5u}) {
    post.peer = to;
    ASSERT_TRUE(cluster.nodes[host_of(2)]->on_member(Cluster::job(), 2, post, cluster.now));
  }
  cluster.run(100ms);
  EXPECT_THAT(cluster.ranks(1, Cluster::job()).told[0], HasSubstr("post(2)"));
  EXPECT_THAT(cluster.ranks(host_of(4), Cluster::job()).told[4], HasSubstr("post(2)"));
  EXPECT_THAT(cluster.ranks(host_of(3), Cluster::job()).told[3], ::testing::Not(HasSubstr("post")));
  EXPECT_EQ(cluster.ranks(host_of(5), Cluster::job()).told[5], "") << "nothing before its welcome";
  ASSERT_TRUE(cluster.nodes[host_of(5)]->on_member(Cluster::job(), 5, wire::member::Hello{}, cluster.now));
  cluster.run(100ms);
  EXPECT_THAT(cluster.ranks(host_of(5), Cluster::job()).told[5], ::testing::StartsWith("welcome(1/2) post(2) "));
  post.payload = base::Bytes(wire::member::max_post_bytes + 1);
  EXPECT_FALSE(cluster.nodes[host_of(2)]->on_member(Cluster::job(), 2, post, cluster.now));
  post = {};
  post.peer = 6;
  EXPECT_FALSE(cluster.nodes[host_of(2)]->on_member(Cluster::job(), 2, post, cluster.now));
}

/// 32 ranks on each of two hosts, and one or as many at the primary.
class ClusterFlood : public ::testing::TestWithParam<std::uint32_t> {
 protected:
  static constexpr std::uint32_t per_host = 32;
  static constexpr std::size_t window_bytes = 128u << 10;

  void SetUp() override {
    cluster.add(n1, GetParam());
    cluster.add(n2, per_host);
    cluster.add(n3, per_host);
    cluster.run(15s);
    ranks = 2 * per_host + GetParam();
    auto submit = Cluster::submission(ranks);
    cluster.submit(1, 1, submit);
    ASSERT_EQ(cluster.told<wire::run::Started>(1).size(), ranks);
    planned = cluster.told<wire::run::Planned>(1).at(0);
    for (std::uint32_t rank = 0; rank < ranks; ++rank) {
      ASSERT_TRUE(cluster.nodes[host_of(rank)]->on_member(Cluster::job(), rank, wire::member::Hello{}, cluster.now));
    }
    cluster.run(200ms);
  }
  std::uint8_t host_of(std::uint32_t rank) const {
    return static_cast<std::uint8_t>(std::stoi(planned.hosts.at(planned.ranks.at(rank).host).name.substr(1)));
  }

  Cluster cluster;
  std::uint32_t ranks = 0;
  wire::run::Planned planned;
};

TEST_P(ClusterFlood, IsBoundedAndArrives) {
  // What each rank has left to write into its socket: its whole window to each rank of another host.
  std::vector<std::vector<std::uint32_t>> left(ranks);
  std::map<std::uint8_t, std::size_t> wanted;
  for (std::size_t i = 0; i < window_bytes / wire::member::max_post_bytes; ++i) {
    for (std::uint32_t from = 0; from < ranks; ++from) {
      for (std::uint32_t to = 0; to < ranks; ++to) {
        if (host_of(from) == host_of(to)) continue;
        left[from].push_back(to);
        ++wanted[host_of(to)];
      }
    }
  }
  std::map<std::uint8_t, std::size_t> most;
  bool all_written = false;
  for (int turn = 0; turn < 20'000 && !(all_written && cluster.nodes[1]->queued_bytes() == 0); ++turn) {
    // At first one host does not take in what it is sent.
    cluster.down = turn < 20 ? std::set<std::uint8_t>{n3} : std::set<std::uint8_t>{};
    all_written = true;
    for (bool written = true; written; cluster.settle()) {
      written = false;
      for (std::uint32_t rank = 0; rank < ranks; ++rank) {
        if (left[rank].empty()) continue;
        all_written = false;
        if (cluster.down.contains(host_of(rank)) || cluster.ranks(host_of(rank), Cluster::job()).held) continue;
        written = true;
        wire::member::Post post;
        post.peer = left[rank].back();
        post.payload = base::Bytes(wire::member::max_post_bytes);
        left[rank].pop_back();
        ASSERT_TRUE(cluster.nodes[host_of(rank)]->on_member(Cluster::job(), rank, post, cluster.now));
      }
      for (auto& [number, node] : cluster.nodes) most[number] = std::max(most[number], node->queued_bytes());
    }
    cluster.run(5ms);
  }
  cluster.run(5s);
  for (const auto& [number, posts] : wanted) {
    EXPECT_EQ(cluster.ranks(number, Cluster::job()).posts, posts) << "at node " << int{number};
    EXPECT_FALSE(cluster.ranks(number, Cluster::job()).held) << "at node " << int{number};
  }
  // A stream up to the mark, and what members had written before they were held.
  constexpr std::size_t mark = 32u << 20, slack = 4u << 20;
  EXPECT_LE(most[n1], 2 * (mark + slack));
  EXPECT_LE(most[n2], mark + slack);
  EXPECT_LE(most[n3], mark + slack);
  EXPECT_GE(most[n1], mark) << "nothing was congested: this test shows nothing";
  EXPECT_GE(most[n2], mark) << "the primary took all of what was for a host that takes nothing";
}

INSTANTIATE_TEST_SUITE_P(PartsAtThePrimary, ClusterFlood, ::testing::Values(1u, 32u));

TEST_F(ClusterTest, TwoJobsOnOneNodeGetDifferentCores) {
  cluster.submit(1, 1, Cluster::submission(1));
  cluster.submit(1, 2, Cluster::submission(1));
  const auto first = cluster.told<wire::run::Planned>(1, 1).at(0);
  const auto second = cluster.told<wire::run::Planned>(1, 2).at(0);
  ASSERT_EQ(first.hosts[0].name, second.hosts[0].name);
  ASSERT_FALSE(first.ranks[0].cpus.empty());
  EXPECT_NE(first.ranks[0].cpus, second.ranks[0].cpus);
}

TEST(ClusterLoss, AJobRunsThoughALinkLosesAThird) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Cluster cluster(seed);
    for (const auto number : {n1, n2}) cluster.add(number, 2);
    cluster.run(15s);
    cluster.loss = 0.3;
    cluster.submit(1, 1, Cluster::submission(4));
    cluster.run(10s);
    ASSERT_EQ(cluster.told<wire::run::Started>(1).size(), 4u);
    for (std::uint32_t rank = 0; rank < 4; ++rank) cluster.exit(rank < 2 ? 1 : 2, rank, static_cast<int>(rank));
    cluster.run(60s);
    ASSERT_EQ(cluster.told<wire::run::Ended>(1).size(), 1u);
    EXPECT_EQ(cluster.told<wire::run::Ended>(1)[0].exit_status, 3);
    for (auto& [number, node] : cluster.nodes) EXPECT_TRUE(node->idle()) << "node " << int{number};
  }
}

// Seed 630 of zel_simulate_jobs: the loss of the last host ended the job, and the word of it to another host, whose
// stream was broken too, began a stream anew. Both ends kept it alive for ever.
TEST_F(ClusterTest, AConversationThatEndedIsNotBegunAnew) {
  start_six();
  cluster.stubborn.insert(n2);
  cluster.nodes[1]->on_launcher_gone(1, cluster.now);
  cluster.settle();
  cluster.nodes[1]->drop_parts(cluster.now);
  cluster.settle();
  EXPECT_TRUE(cluster.nodes[1]->idle());
  expect_nothing_left();
}

// Seed 17544: a host that was started anew answered a repeated Prepare in a stream of its own, and the primary, which
// had heard an answer of its life before, took this one for a repetition and waited for ranks that never started.
TEST_F(ClusterTest, APrepareWithoutALeaseIsAnsweredOutsideTheConversation) {
  wire::job::Prepare prepare;
  prepare.primary.id = id_of(n2);
  prepare.lease = 4711;
  prepare.ranks = {0};
  prepare.program = "/bin/app";
  prepare.arguments = {"app"};
  const wire::job::Segment first{
      {id_of(n2), 7}, true, wire::job::SegmentKind::data, 1, 0, wire::job::encode(wire::job::ToHost(prepare))};
  cluster.nodes[1]->on_link_message(id_of(n2), first, cluster.now);
  std::string kinds;
  for (const auto& action : cluster.nodes[1]->take_actions(cluster.now)) {
    const auto* send = std::get_if<SendToNode>(&action);
    const auto* segment = send ? std::get_if<wire::job::Segment>(&send->message) : nullptr;
    if (segment) kinds += segment->kind == wire::job::SegmentKind::reset ? "reset " : "other ";
  }
  EXPECT_EQ(kinds, "reset ");
  EXPECT_TRUE(cluster.nodes[1]->idle());
}

}  // namespace
}  // namespace zel::daemon
