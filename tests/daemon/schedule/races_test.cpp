// Why: many searches race for the same cores, over networks that delay, reorder and lose: from many seeds, no
// core is given twice, every search ends, nothing is left over.
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

struct Tally {
  int found = 0, lost = 0;
};

/// Some nodes seek at about the same time; jobs that are found run for a while and end.
Tally race(NetworkSetup setup, std::size_t seekers, double largest_part, base::Duration wait) {
  Network net(setup);
  auto& random = net.random();
  const auto all = setup.nodes * setup.cores;
  std::vector<std::size_t> who;
  for (std::size_t i = 0; i < seekers; ++i) {
    const auto node = random.below(setup.nodes);
    who.push_back(node);
    const auto most = std::max(1.0, static_cast<double>(all) * largest_part);
    const auto ranks = 1 + static_cast<std::uint32_t>(random.below(static_cast<std::size_t>(most)));
    net.after(base::Duration(static_cast<std::int64_t>(random.unit() * 30e6)),
              [&net, node, i, ranks, wait] { net.seek(node, i, wanted(ranks, wait)); });
  }
  std::size_t started = 0;
  const auto start_jobs = [&] {
    for (std::size_t i = 0; i < seekers; ++i) {
      const auto ended = net.ended.find({who[i], i});
      if (ended == net.ended.end() || ended->second.at == base::never) continue;
      ++started;
      ended->second.at = base::never;
      if (ended->second.found) net.run_job(who[i], ended->second.grants, 100ms + 1ms * random.below(400));
    }
  };
  for (int steps = 0; started < seekers && steps < 3000; ++steps) {
    net.run_for(10ms);
    start_jobs();
  }
  EXPECT_EQ(started, seekers) << "a search that does not end, seed " << setup.seed;
  net.run_for(15s);  // longer than a job and a claim's lease
  EXPECT_EQ(net.free_cores(), all) << "cores left over, seed " << setup.seed;
  Tally tally;
  for (const auto& [key, ended] : net.ended) ++(ended.found ? tally.found : tally.lost);
  return tally;
}

TEST(Races, noCoreIsGivenTwiceAndAllEnd) {
  Tally all;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    base::Random random(seed);
    NetworkSetup setup{.seed = seed, .nodes = 2 + random.below(seed % 25 == 0 ? 199 : 24)};
    setup.cores = 1 + static_cast<std::uint32_t>(random.below(4));
    setup.jitter_ms = random.chance(0.5) ? 10 : 0;
    setup.known = random.chance(0.3) ? 8 : 1000;
    const auto tally = race(setup, 2 + random.below(6), 0.7, 20s);
    all.found += tally.found;
    all.lost += tally.lost;
    if (testing::Test::HasFailure()) break;
  }
  std::printf("%d found, %d not found\n", all.found, all.lost);
  EXPECT_LE(all.lost * 100, all.found)
      << "jobs end within half a second and all fit: nearly all are found in 20 s";
}

TEST(Races, withLossEverySearchEndsAndNothingIsLeftOver) {
  Tally all;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    base::Random random(seed);
    NetworkSetup setup{.seed = seed, .nodes = 2 + random.below(20)};
    setup.loss = 0.2;
    setup.jitter_ms = 5;
    const auto tally = race(setup, 1 + random.below(4), 0.5, 10s);
    all.found += tally.found;
    all.lost += tally.lost;
    if (testing::Test::HasFailure()) break;
  }
  std::printf("%d found, %d not found\n", all.found, all.lost);
  EXPECT_GT(all.found, all.lost);
}

TEST(Races, twoThatNeedMoreThanHalfGoOneAfterTheOther) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    Network net({.seed = seed, .nodes = 20});
    net.seek(0, 1, wanted(30, 20s));
    net.seek(1, 1, wanted(30, 20s));
    int found = 0;
    for (int i = 0; i < 2000 && found < 2; ++i) {
      net.run_for(10ms);
      for (auto& [key, ended] : net.ended) {
        if (ended.at == base::never) continue;
        ASSERT_TRUE(ended.found) << ended.text << ", seed " << seed;
        net.run_job(key.first, ended.grants, 100ms);
        ended.at = base::never;
        ++found;
      }
    }
    EXPECT_EQ(found, 2) << "seed " << seed;
  }
}

}  // namespace
}  // namespace zel::schedule
