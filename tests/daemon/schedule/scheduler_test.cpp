// Why: request, offer, claim, start and end on one node and on two, and what the user is told.
#include "daemon/schedule/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using testing::HasSubstr;

TEST(Scheduler, aNodeAloneFindsItsOwnCores) {
  Network net({.nodes = 1});
  net.seek(0, 1, wanted(2));
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  ASSERT_EQ(ended->grants.size(), 1u);
  EXPECT_EQ(ended->grants[0].ranks, 2u);
  EXPECT_EQ(ended->grants[0].distance, 0ns);
  EXPECT_EQ(net.at(0).free_cores(), 0u);
  net.run_job(0, ended->grants, 5s);
  net.run_for(4s);
  EXPECT_EQ(net.at(0).free_cores(), 0u);
  net.run_for(2s);
  EXPECT_EQ(net.at(0).free_cores(), 2u);
}

TEST(Scheduler, twoNodesGiveWhatOneHasNot) {
  Network net({.nodes = 2});
  net.seek(0, 1, wanted(3));
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  ASSERT_EQ(ended->grants.size(), 2u);
  EXPECT_EQ(ended->grants[0].host.id, net.record(0).id);
  EXPECT_EQ(ended->grants[0].ranks, 2u);
  EXPECT_EQ(ended->grants[1].ranks, 1u);
  EXPECT_EQ(net.at(1).free_cores(), 1u) << "the core that is not needed is free at once";
  net.run_job(0, ended->grants, 1s);
  net.run_for(2s);
  EXPECT_EQ(net.free_cores(), 4u);
}

TEST(Scheduler, aClaimWithoutAJobEndsByItself) {
  Network net({.nodes = 2});
  net.seek(0, 1, wanted(4));
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  net.run_for(9s);
  EXPECT_EQ(net.free_cores(), 0u);
  net.run_for(2s);
  EXPECT_EQ(net.free_cores(), 4u);
  EXPECT_FALSE(net.at(1).commit(ended->grants[1].lease, net.record(0).id, net.now()));
}

TEST(Scheduler, tooFewCoresIsSaidAtTheEndOfTheWait) {
  Network net({.nodes = 3});
  net.seek(0, 1, wanted(7, 2s));
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended);
  EXPECT_FALSE(ended->found);
  EXPECT_THAT(ended->text, HasSubstr("6 of 7 cores found: 3 nodes answered within 2 s; start more nodes"));
  EXPECT_EQ(net.free_cores(), 6u) << ended->text;
}

TEST(Scheduler, explainSaysOfEveryNodeWhyItWasTakenOrNot) {
  Network net({.nodes = 6, .side_ms = 0.5});
  net.seek(3, 1, wanted(2));
  const auto* busy = net.run_until_over(3, 1);
  ASSERT_TRUE(busy && busy->found);
  net.run_job(3, busy->grants, 1h);
  auto w = wanted(4);
  w.explain = true;
  w.requirements.excluded = {"n4"};
  net.seek(0, 1, w);
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  ASSERT_EQ(ended->verdicts.size(), 6u);
  EXPECT_TRUE(std::is_sorted(ended->verdicts.begin(), ended->verdicts.end(),
                             [](const Verdict& a, const Verdict& b) { return a.distance < b.distance; }));
  std::map<std::string, std::string> reasons;
  int taken = 0, spare = 0;
  for (const auto& verdict : ended->verdicts) {
    reasons[verdict.host.name] = verdict.reason;
    taken += verdict.reason == "taken" ? 1 : 0;
    spare += verdict.reason == "not needed: nearer nodes suffice" ? 1 : 0;
    EXPECT_EQ(verdict.cores_taken, verdict.reason == "taken" ? 2u : 0u);
  }
  EXPECT_EQ(taken, 2);
  EXPECT_EQ(spare, 2);
  EXPECT_EQ(reasons["n3"], "no free core: 2 of 2 in use");
  EXPECT_EQ(reasons["n4"], "excluded");
  EXPECT_THAT(ended->summary, HasSubstr("6 nodes answered"));
}

TEST(Scheduler, whatNobodyHasIsNamed) {
  Network net({.nodes = 3});
  auto w = wanted(1, 2s);
  w.requirements.labels = {"gpu=true"};
  net.seek(0, 1, w);
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended);
  EXPECT_THAT(ended->text, HasSubstr("0 of 1 core found"));
  EXPECT_THAT(ended->text, HasSubstr("3 of 3: label gpu=true is missing"));
}

TEST(Scheduler, oversubscribeDealsTheRanksOutOverAllCores) {
  Network net({.nodes = 3});
  auto w = wanted(8);
  w.oversubscribe = true;
  net.seek(0, 1, w);
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  ASSERT_EQ(ended->grants.size(), 3u);
  std::vector<std::uint32_t> ranks;
  for (const auto& grant : ended->grants) {
    ranks.push_back(grant.ranks);
    EXPECT_EQ(grant.cores, 2u);
  }
  EXPECT_EQ(ranks, (std::vector<std::uint32_t>{4, 2, 2}));
}

TEST(Scheduler, aCancelledSearchGivesAllBackAndSaysNothing) {
  Network net({.nodes = 10});
  net.seek(0, 1, wanted(15));
  net.run_for(20ms);
  net.at(0).cancel(1, net.now());
  net.run_for(5s);
  EXPECT_EQ(net.free_cores(), 20u);
  EXPECT_TRUE(net.ended.empty());
  EXPECT_EQ(net.at(0).next_deadline(), base::never);
}

TEST(Scheduler, aHostThatIsLostIsReplaced) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Network net({.seed = seed, .nodes = 10});
    net.seek(0, 1, wanted(12));
    net.run_for(base::Duration(net.random().below(30'000'000)));
    net.crash(1 + net.random().below(9));
    const auto* ended = net.run_until_over(0, 1);
    ASSERT_TRUE(ended && ended->found) << "seed " << seed;
    net.run_for(20s);
    EXPECT_EQ(net.free_cores(), 18u) << "seed " << seed;
  }
}

TEST(Scheduler, aSeekerThatIsLostHoldsNothing) {
  Network net({.nodes = 10});
  net.seek(0, 1, wanted(12));
  net.run_for(15ms);
  EXPECT_LT(net.free_cores(), 20u);
  net.crash(0);
  net.run_for(4s);  // requests that were under way still bring leases
  EXPECT_EQ(net.free_cores(), 18u);
}

TEST(Scheduler, everyMetricFinds) {
  for (const auto metric :
       {wire::schedule::Metric::latency, wire::schedule::Metric::hops, wire::schedule::Metric::neighbours}) {
    Network net({.nodes = 15});
    auto w = wanted(30);
    w.metric = metric;
    net.seek(0, 1, w);
    const auto* ended = net.run_until_over(0, 1);
    EXPECT_TRUE(ended && ended->found);
  }
}

TEST(Scheduler, ranksOfSeveralCoresStayOnOneHost) {
  Network net({.nodes = 4, .cores = 5});
  auto w = wanted(7);
  w.cores_per_rank = 2;
  net.seek(0, 1, w);
  const auto* ended = net.run_until_over(0, 1);
  ASSERT_TRUE(ended && ended->found);
  std::uint32_t ranks = 0;
  for (const auto& grant : ended->grants) {
    EXPECT_EQ(grant.cores, 2 * grant.ranks);
    ranks += grant.ranks;
  }
  EXPECT_EQ(ranks, 7u);
}

}  // namespace
}  // namespace zel::schedule
