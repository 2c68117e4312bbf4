// Why: the promises that place() makes for every host and every number of ranks, checked on many of both.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/deploy/placement.hpp"
#include "tests/daemon/deploy/hosts.hpp"

namespace zel::deploy {
namespace {

using wire::run::Binding;
using wire::run::Mapping;
using wire::run::PlacementWish;

struct NamedHost {
  std::string name;
  Topology topology;
};

std::vector<NamedHost> hosts() {
  std::vector<NamedHost> all = {
      {"one core", host({})},
      {"one core smt", host({.threads_per_core = 2})},
      {"laptop", host({.cores_per_numa = 4, .threads_per_core = 2})},
      {"two packages", host({.packages = 2, .cores_per_numa = 8})},
      {"numa smt", host({.packages = 2, .numa_per_package = 2, .cores_per_numa = 4, .threads_per_core = 2})},
      {"smt4", host({.packages = 1, .numa_per_package = 3, .cores_per_numa = 3, .threads_per_core = 4})},
      {"128 cores", host({.packages = 2, .numa_per_package = 4, .cores_per_numa = 16})},
  };
  const Topology big = all[4].topology;
  all.push_back({"holes", only(big, {0, 1, 3, 4, 9, 10, 15, 16, 17, 20, 31})});
  all.push_back({"second threads only", only(big, {16, 17, 18, 24, 25})});
  all.push_back({"one cpu of many", only(big, {13})});
  return all;
}

struct Case {
  const NamedHost& host;
  PlacementWish wish;
  std::uint32_t ranks;
  Placement placement;
};

std::string text(const Case& c) {
  return c.host.name + ", bind " + std::to_string(static_cast<int>(c.wish.bind_to)) + ", map " +
         std::to_string(static_cast<int>(c.wish.map_by)) + ", K " + std::to_string(c.wish.cores_per_rank) +
         ", N " + std::to_string(c.ranks);
}

std::vector<PlacementWish> wishes() {
  std::vector<PlacementWish> all;
  for (const Binding b : {Binding::core, Binding::hwthread, Binding::numa, Binding::none}) {
    for (const Mapping m : {Mapping::core, Mapping::hwthread, Mapping::numa, Mapping::package}) {
      for (const std::uint32_t k : {1u, 2u, 3u}) {
        for (const bool given : {false, true}) all.push_back({b, m, k, given});
      }
    }
  }
  return all;
}

std::uint32_t units(const Case& c) {
  return c.wish.bind_to == Binding::hwthread ? c.placement.hwthreads : c.placement.cores;
}

void for_every_case(void (*check)(const Case&)) {
  static const std::vector<NamedHost> all_hosts = hosts();
  for (const NamedHost& h : all_hosts) {
    const auto pus = static_cast<std::uint32_t>(h.topology.hwthreads.size());
    for (const PlacementWish& wish : wishes()) {
      // Every number of ranks with the default wish, a sample of them with the others.
      const bool is_default = wish.bind_to == Binding::core && wish.map_by == Mapping::core &&
                              wish.cores_per_rank == 1 && !wish.binding_given;
      const std::uint32_t step = is_default ? 1 : pus > 64 ? 1 + pus / 2 : 1 + pus / 6;
      for (std::uint32_t n = 1; n <= 2 * pus; n += step) {
        auto placement = place(h.topology, n, wish);
        if (!placement) {
          EXPECT_EQ(placement.error().code, base::Errc::bad_option);
          continue;
        }
        const Case c{h, wish, n, std::move(*placement)};
        check(c);
        if (testing::Test::HasFailure()) {
          ADD_FAILURE() << text(c);
          return;
        }
      }
    }
  }
}

TEST(PlacementRules, everyRankHasAPlaceWithinTheAllowedSet) {
  for_every_case([](const Case& c) {
    std::set<std::uint32_t> allowed;
    for (const auto& t : c.host.topology.hwthreads) allowed.insert(t.cpu);
    ASSERT_EQ(c.placement.ranks.size(), c.ranks);
    for (const auto& rank : c.placement.ranks) {
      EXPECT_TRUE(std::is_sorted(rank.cpus.begin(), rank.cpus.end()));
      EXPECT_EQ(rank.cpus.empty(), rank.where == "unbound");
      for (const auto cpu : rank.cpus) EXPECT_TRUE(allowed.contains(cpu));
    }
    EXPECT_GE(c.placement.threads_per_rank, 1u);
  });
}

TEST(PlacementRules, allRanksAreBoundOrNone) {
  for_every_case([](const Case& c) {
    const bool crowd = !c.placement.notice.empty();
    const bool unbound = c.wish.bind_to == Binding::none || (crowd && !c.wish.binding_given);
    for (const auto& rank : c.placement.ranks) EXPECT_EQ(rank.cpus.empty(), unbound);
    EXPECT_TRUE(!crowd || c.placement.threads_per_rank == 1u);
  });
}

TEST(PlacementRules, noHardwareThreadIsUsedTwiceWhileThereAreSeats) {
  for_every_case([](const Case& c) {
    if (c.wish.bind_to == Binding::numa || c.wish.bind_to == Binding::none) return;
    if (c.wish.map_by == Mapping::hwthread && c.wish.bind_to == Binding::core) return;
    const bool fits = c.ranks * c.wish.cores_per_rank <= units(c);
    EXPECT_EQ(fits, c.placement.notice.empty());
    if (!fits) return;
    std::set<std::uint32_t> used;
    for (const auto& rank : c.placement.ranks) {
      for (const auto cpu : rank.cpus) EXPECT_TRUE(used.insert(cpu).second);
    }
  });
}

TEST(PlacementRules, aHardwareThreadIsNeverPromisedToMoreRanksThanItsCoreHasThreads) {
  for_every_case([](const Case& c) {
    if (c.wish.bind_to != Binding::core || !c.placement.notice.empty()) return;
    std::map<std::uint32_t, std::uint32_t> uses;
    for (const auto& rank : c.placement.ranks) {
      for (const auto cpu : rank.cpus) {
        const auto most = c.wish.map_by == Mapping::hwthread ? rank.cpus.size() : std::size_t{1};
        EXPECT_LE(++uses[cpu], most);
      }
    }
  });
}

TEST(PlacementRules, aRanksPlaceDoesNotDependOnTheNumberOfRanks) {
  for_every_case([](const Case& c) {
    if (c.ranks == 1 || !c.placement.notice.empty()) return;
    const auto fewer = place(c.host.topology, c.ranks - 1, c.wish);
    ASSERT_TRUE(fewer.has_value());
    for (std::uint32_t r = 0; r + 1 < c.ranks; ++r) {
      EXPECT_EQ(fewer->ranks[r].cpus, c.placement.ranks[r].cpus);
      EXPECT_EQ(fewer->ranks[r].where, c.placement.ranks[r].where);
    }
  });
}

TEST(PlacementRules, wrappedRanksRepeatThePattern) {
  for_every_case([](const Case& c) {
    if (!c.wish.binding_given || c.placement.notice.empty() || c.wish.bind_to == Binding::none) return;
    std::size_t seats = units(c) / c.wish.cores_per_rank;
    if (c.wish.map_by == Mapping::hwthread && c.wish.bind_to != Binding::hwthread) return;
    for (std::size_t r = seats; r < c.ranks; ++r) {
      EXPECT_EQ(c.placement.ranks[r].cpus, c.placement.ranks[r - seats].cpus);
    }
  });
}

TEST(PlacementRules, packagesAndNodesAreBalancedWhileNoneIsFull) {
  for_every_case([](const Case& c) {
    const bool by_package = c.wish.map_by == Mapping::package;
    if (c.wish.cores_per_rank != 1 || c.wish.bind_to == Binding::none || !c.placement.notice.empty() ||
        (!by_package && c.wish.map_by != Mapping::numa)) {
      return;
    }
    std::map<std::uint32_t, std::uint32_t> group_of, ranks_in, room;
    std::set<std::pair<std::uint32_t, std::uint32_t>> cores;
    for (const auto& t : c.host.topology.hwthreads) {
      const std::uint32_t group = by_package ? t.package : t.numa;
      group_of[t.cpu] = group;
      ranks_in[group] += 0;
      const bool new_core = cores.insert({t.package, t.core}).second;
      room[group] += c.wish.bind_to == Binding::hwthread || new_core ? 1 : 0;
    }
    for (const auto& rank : c.placement.ranks) ++ranks_in[group_of.at(rank.cpus.front())];
    std::uint32_t most = 0;
    for (const auto& [group, ranks] : ranks_in) most = std::max(most, ranks);
    for (const auto& [group, ranks] : ranks_in) EXPECT_TRUE(ranks + 1 >= most || ranks == room[group]);
  });
}

TEST(PlacementRules, seatsOfSeveralCoresStayInANodeWhileOneHasRoom) {
  const Topology t = host({.packages = 2, .numa_per_package = 2, .cores_per_numa = 5});
  for (std::uint32_t n = 1; n <= 8; ++n) {
    const auto p = place(t, n, {.cores_per_rank = 2});
    ASSERT_TRUE(p.has_value());
    for (const auto& rank : p->ranks) EXPECT_EQ(rank.cpus.front() / 5, rank.cpus.back() / 5) << n;
  }
}

}  // namespace
}  // namespace zel::deploy
