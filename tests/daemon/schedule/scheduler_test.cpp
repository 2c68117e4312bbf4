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

}  // namespace
}  // namespace zel::schedule
