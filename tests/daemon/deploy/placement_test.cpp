// Why: what place() says about single, hand-made situations.
#include "daemon/deploy/placement.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/daemon/deploy/hosts.hpp"

namespace zel::deploy {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using wire::run::Binding;
using wire::run::Mapping;
using wire::run::PlacementWish;
using Cpus = std::vector<std::uint32_t>;

std::vector<Cpus> cpus(const Placement& placement) {
  std::vector<Cpus> out;
  for (const auto& rank : placement.ranks) out.push_back(rank.cpus);
  return out;
}

std::vector<std::string> wheres(const Placement& placement) {
  std::vector<std::string> out;
  for (const auto& rank : placement.ranks) out.push_back(rank.where);
  return out;
}

Placement placed(const Topology& topology, std::uint32_t ranks, const PlacementWish& wish = {}) {
  auto placement = place(topology, ranks, wish);
  EXPECT_TRUE(placement.has_value()) << (placement ? "" : placement.error().text);
  return placement ? *placement : Placement{};
}

PlacementWish wish(Binding bind_to, Mapping map_by = Mapping::core, std::uint32_t cores_per_rank = 1) {
  return {.bind_to = bind_to, .map_by = map_by, .cores_per_rank = cores_per_rank, .binding_given = true};
}

const Topology two_packages = host({.packages = 2, .cores_per_numa = 4});
const Topology smt = host({.packages = 2, .cores_per_numa = 2, .threads_per_core = 2});
const Topology four_nodes = host({.packages = 2, .numa_per_package = 2, .cores_per_numa = 2});

TEST(Placement, defaultIsCoreByCore) {
  const Placement p = placed(two_packages, 5);
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{1}, Cpus{2}, Cpus{3}, Cpus{4}));
  EXPECT_EQ(p.ranks[3].where, "package 0 core 3");
  EXPECT_EQ(p.ranks[4].where, "package 1 core 0");
  EXPECT_EQ(p.cores, 8u);
  EXPECT_EQ(p.hwthreads, 8u);
  EXPECT_EQ(p.threads_per_rank, 1u);
  EXPECT_THAT(p.notice, IsEmpty());
}

TEST(Placement, aCoreIsAllItsHardwareThreads) {
  const Placement p = placed(smt, 3);
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0, 4}, Cpus{1, 5}, Cpus{2, 6}));
  EXPECT_EQ(p.cores, 4u);
  EXPECT_EQ(p.hwthreads, 8u);
  EXPECT_EQ(p.threads_per_rank, 1u);
}

TEST(Placement, moreRanksThanCoresRunUnboundAndSaySo) {
  const Placement p = placed(host({.cores_per_numa = 2}), 6);
  EXPECT_THAT(cpus(p), Each(IsEmpty()));
  EXPECT_THAT(wheres(p), Each(std::string("unbound")));
  EXPECT_EQ(p.ranks.size(), 6u);
  EXPECT_EQ(p.notice, "6 ranks share 2 cores, unbound");
  EXPECT_EQ(p.threads_per_rank, 1u);
}

TEST(Placement, hardwareThreadsDoNotCountAsCoresByDefault) {
  EXPECT_EQ(placed(smt, 5).notice, "5 ranks share 4 cores, unbound");
}

TEST(Placement, aGivenBindingWrapsRoundRobin) {
  const Placement p = placed(host({.cores_per_numa = 2}), 5, wish(Binding::core));
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{1}, Cpus{0}, Cpus{1}, Cpus{0}));
  EXPECT_EQ(p.notice, "5 ranks share 2 cores, bound round robin");
}

TEST(Placement, oneCore) {
  EXPECT_THAT(cpus(placed(host({}), 1)), ElementsAre(Cpus{0}));
  EXPECT_EQ(placed(host({}), 2).notice, "2 ranks share 1 core, unbound");
}

TEST(Placement, unboundRanksDivideTheCoresForThreads) {
  const Placement p = placed(two_packages, 3, wish(Binding::none));
  EXPECT_THAT(cpus(p), Each(IsEmpty()));
  EXPECT_EQ(p.threads_per_rank, 2u);
  EXPECT_THAT(p.notice, IsEmpty());
  EXPECT_EQ(placed(two_packages, 9, wish(Binding::none)).notice, "9 ranks share 8 cores, unbound");
}

TEST(Placement, hwthreadsByCoreFillEveryCoreOnceFirst) {
  const Placement p = placed(smt, 8, wish(Binding::hwthread));
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{1}, Cpus{2}, Cpus{3}, Cpus{4}, Cpus{5}, Cpus{6}, Cpus{7}));
  EXPECT_EQ(p.ranks[7].where, "package 1 core 1 hwthread 1");
  EXPECT_THAT(p.notice, IsEmpty());
  EXPECT_EQ(placed(smt, 9, wish(Binding::hwthread)).notice, "9 ranks share 8 hwthreads, bound round robin");
}

TEST(Placement, hwthreadsByHwthreadFillCoreAfterCore) {
  const Placement p = placed(smt, 3, wish(Binding::hwthread, Mapping::hwthread));
  EXPECT_THAT(wheres(p), ElementsAre("package 0 core 0 hwthread 0", "package 0 core 0 hwthread 1",
                                     "package 0 core 1 hwthread 0"));
}

TEST(Placement, severalHwthreadsPerRankStayInACoreWhenTheyCan) {
  const Placement two = placed(smt, 4, wish(Binding::hwthread, Mapping::core, 2));
  EXPECT_THAT(cpus(two), ElementsAre(Cpus{0, 4}, Cpus{1, 5}, Cpus{2, 6}, Cpus{3, 7}));
  EXPECT_EQ(two.ranks[2].where, "package 1 core 0 hwthreads 0-1");
  EXPECT_EQ(two.threads_per_rank, 2u);
  const Placement three = placed(smt, 2, wish(Binding::hwthread, Mapping::core, 3));
  EXPECT_THAT(wheres(three), ElementsAre("package 0 core 0 hwthreads 0-1, package 0 core 1 hwthread 0",
                                         "package 1 core 0 hwthreads 0-1, package 1 core 1 hwthread 0"));
}

TEST(Placement, coresByHwthreadPutsRanksOnTheCoreOfTheirThread) {
  const Placement p = placed(smt, 4, {.map_by = Mapping::hwthread});
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0, 4}, Cpus{0, 4}, Cpus{1, 5}, Cpus{1, 5}));
  EXPECT_THAT(placed(smt, 8, {.map_by = Mapping::hwthread}).notice, IsEmpty());
  EXPECT_EQ(placed(smt, 9, {.map_by = Mapping::hwthread}).notice, "9 ranks share 8 hwthreads, unbound");
}

TEST(Placement, byPackageAlternates) {
  const Placement p = placed(two_packages, 4, {.map_by = Mapping::package});
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{4}, Cpus{1}, Cpus{5}));
}

TEST(Placement, byNumaVisitsEveryNode) {
  const Placement p = placed(four_nodes, 6, {.map_by = Mapping::numa});
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{2}, Cpus{4}, Cpus{6}, Cpus{1}, Cpus{3}));
}

TEST(Placement, fullNodesArePassedOver) {
  const Topology lopsided = only(two_packages, {0, 4, 5, 6});
  const Placement p = placed(lopsided, 4, {.map_by = Mapping::package});
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0}, Cpus{4}, Cpus{5}, Cpus{6}));
}

TEST(Placement, neighbouringCoresOfOneNodeComeFirst) {
  const Topology threes = host({.packages = 2, .cores_per_numa = 3});
  const Placement p = placed(threes, 3, {.cores_per_rank = 2});
  EXPECT_THAT(wheres(p), ElementsAre("package 0 cores 0-1", "package 1 cores 0-1",
                                     "package 0 core 2, package 1 core 2"));
  EXPECT_EQ(p.threads_per_rank, 2u);
  EXPECT_EQ(placed(threes, 4, {.cores_per_rank = 2}).notice, "4 ranks of 2 cores share 6 cores, unbound");
}

TEST(Placement, numaBindingWidensTheSeat) {
  const Placement p = placed(four_nodes, 3, wish(Binding::numa));
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0, 1}, Cpus{0, 1}, Cpus{2, 3}));
  EXPECT_EQ(p.ranks[2].where, "package 0 numa 1");
  EXPECT_EQ(p.threads_per_rank, 1u);
  const Placement spread = placed(four_nodes, 4, wish(Binding::numa, Mapping::numa));
  EXPECT_THAT(cpus(spread), ElementsAre(Cpus{0, 1}, Cpus{2, 3}, Cpus{4, 5}, Cpus{6, 7}));
  EXPECT_EQ(spread.threads_per_rank, 2u);
}

TEST(Placement, numaNodeOverTwoPackages) {
  Topology topology = host({.packages = 2, .cores_per_numa = 1});
  for (auto& t : topology.hwthreads) t.numa = 0;
  const Placement p = placed(topology, 1, wish(Binding::numa));
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{0, 1}));
  EXPECT_EQ(p.ranks[0].where, "numa 0");
}

TEST(Placement, aRestrictedCpusetKeepsItsNames) {
  const Placement p = placed(only(smt, {1, 3, 6, 7}), 3);
  EXPECT_THAT(cpus(p), ElementsAre(Cpus{1}, Cpus{6}, Cpus{3, 7}));
  EXPECT_THAT(wheres(p), ElementsAre("package 0 core 1", "package 1 core 0", "package 1 core 1"));
  EXPECT_EQ(p.cores, 3u);
  EXPECT_EQ(p.hwthreads, 4u);
}

TEST(Placement, holesShowInTheName) {
  const Placement p = placed(only(two_packages, {0, 2, 3, 5}), 1, {.cores_per_rank = 3});
  EXPECT_EQ(p.ranks[0].where, "package 0 cores 0,2-3");
}

TEST(Placement, theOrderOfTheTopologyDoesNotMatter) {
  Topology shuffled = smt;
  std::swap(shuffled.hwthreads[0], shuffled.hwthreads[5]);
  std::swap(shuffled.hwthreads[1], shuffled.hwthreads[6]);
  EXPECT_EQ(cpus(placed(shuffled, 4)), cpus(placed(smt, 4)));
}

TEST(Placement, impossibleWishesSayWhatIsPossible) {
  const auto too_many = place(two_packages, 1, {.cores_per_rank = 9});
  ASSERT_FALSE(too_many.has_value());
  EXPECT_EQ(too_many.error().code, base::Errc::bad_option);
  EXPECT_EQ(too_many.error().text,
            "cannot give a rank 9 cores: this host has 8 cores to use; set --cores-per-rank to a number from "
            "1 to 8");
  EXPECT_THAT(place(smt, 1, wish(Binding::hwthread, Mapping::core, 9)).error().text,
              HasSubstr("this host has 8 hwthreads"));
  EXPECT_EQ(place(smt, 1, {.cores_per_rank = 0}).error().code, base::Errc::bad_option);
  EXPECT_EQ(place(smt, 0, {}).error().code, base::Errc::bad_option);
  EXPECT_EQ(place(smt, wire::run::max_ranks + 1, {}).error().code, base::Errc::bad_option);
  EXPECT_EQ(place(Topology{}, 1, {}).error().code, base::Errc::system);
}

}  // namespace
}  // namespace zel::deploy
