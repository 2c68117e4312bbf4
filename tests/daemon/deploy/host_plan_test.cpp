// What a node with several jobs answers when it is to place the ranks of another.
#include "daemon/deploy/host_plan.hpp"

#include <gtest/gtest.h>

namespace zel::deploy {
namespace {

using wire::run::PlacementWish;

const wire::job::JobId job{{{1}}, 1};

CoreBook book_of(std::uint32_t cores) {
  Topology topology;
  for (std::uint32_t core = 0; core < cores; ++core) topology.hwthreads.push_back({core, 0, 0, core, 0});
  return CoreBook(std::move(topology));
}

TEST(HostPlan, RanksAreBoundToCoresThatNoOtherJobUses) {
  auto book = book_of(4);
  const auto first = place_beside_others(book, 4, 2, 2, {});
  ASSERT_TRUE(first);
  book.take(job, first->ranks);
  EXPECT_EQ(book.free().hwthreads.size(), 2u);
  const auto second = place_beside_others(book, 4, 2, 2, {});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->ranks[0].cpus, (std::vector<std::uint32_t>{2}));
  EXPECT_EQ(second->ranks[1].cpus, (std::vector<std::uint32_t>{3}));
  EXPECT_EQ(second->notice, "");
  book.release(job);
  EXPECT_EQ(book.free().hwthreads.size(), 4u);
}

TEST(HostPlan, ANodeThatOffersAnotherNumberOfCoresDoesNotBindUnasked) {
  const auto book = book_of(2);
  const auto plan = place_beside_others(book, 8, 6, 6, {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->ranks[5].cpus.empty());
  EXPECT_EQ(plan->notice, "") << "it was granted what it asked for";
  PlacementWish insisting;
  insisting.binding_given = true;
  const auto bound = place_beside_others(book, 8, 6, 6, insisting);
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->ranks[5].cpus.size(), 1u);
}

TEST(HostPlan, MoreRanksThanGrantedCoresShareThemAndSaySo) {
  const auto plan = place_beside_others(book_of(4), 4, 2, 3, {});
  ASSERT_TRUE(plan);
  EXPECT_TRUE(plan->ranks[0].cpus.empty());
  EXPECT_EQ(plan->notice, "3 ranks share 2 cores, unbound");
  EXPECT_EQ(plan->threads_per_rank, 1u);
}

TEST(HostPlan, RanksThatShareCoresAreBoundToNoMoreThanWereGranted) {
  PlacementWish insisting;
  insisting.binding_given = true;
  const auto plan = place_beside_others(book_of(4), 4, 2, 3, insisting);
  ASSERT_TRUE(plan);
  for (const auto& rank : plan->ranks) EXPECT_LT(rank.cpus.at(0), 2u) << "a core that may be granted to another job";
}

}  // namespace
}  // namespace zel::deploy
