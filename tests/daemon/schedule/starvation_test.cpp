// Why: how long a search that needs most of the network waits beside a stream of small ones is measured here,
// and that it gets its turn as soon as the stream leaves room. The figures are printed.
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

struct Waited {
  bool found = false;
  double seconds = 0;
};

/// 20 nodes of 2 cores; jobs of one rank keep about `load` of the cores busy until `stream` is over.
Waited large_search(std::uint64_t seed, double load, std::uint32_t ranks, base::Duration stream) {
  Network net({.seed = seed, .nodes = 20});
  constexpr auto job = 400ms;
  const auto began = net.now();
  const double every_ms = 400 / (load * 40);
  for (double at_ms = 0; at_ms < base::seconds(stream) * 1e3; at_ms += every_ms) {
    const auto number = static_cast<SearchNumber>(1000 + at_ms * 1000);
    net.after(base::Duration(static_cast<std::int64_t>(at_ms * 1e6)),
              [&net, number] { net.seek(1 + net.random().below(19), number, wanted(1, 2s)); });
  }
  net.run_for(1s);
  const auto asked = net.now();
  net.seek(0, 1, wanted(ranks, 60s));
  while (!net.ended.contains({0, 1}) && net.now() < began + 70s) {
    net.run_for(5ms);
    for (auto& [key, ended] : net.ended) {
      if (key.first == 0 || ended.at == base::never) continue;
      if (ended.found) net.run_job(key.first, ended.grants, job);
      ended.at = base::never;
    }
  }
  const auto ended = net.ended.find({0, 1});
  if (ended == net.ended.end()) return {};
  return {ended->second.found, base::seconds(ended->second.at - asked)};
}

// What can not be had must not cost the network a flood every second or two for as long as somebody waits.
TEST(Starvation, anImpossibleSearchFloodsSeldomAndHearsOfNewCores) {
  Network net({.seed = 3, .nodes = 20});
  std::set<std::uint32_t> rounds;
  net.on_send = [&](std::size_t, const wire::schedule::Message& message) {
    if (const auto* request = std::get_if<wire::schedule::Request>(&message)) rounds.insert(request->round);
  };
  net.seek(1, 1, wanted(39, 5s));
  net.run_for(1s);
  ASSERT_TRUE(net.ended.at({1, 1}).found);
  net.run_job(1, net.ended.at({1, 1}).grants, 10min);
  net.spread_news();
  rounds.clear();
  net.seek(0, 2, wanted(30, 30min));
  net.run_for(5min);
  EXPECT_LE(rounds.size(), 40u);
  EXPECT_GE(rounds.size(), 10u);
  // The job is over at 10 min; gossip tells.
  net.run_until(base::Time{1h} + 1s + 10min);
  net.spread_news();
  const auto told = net.now();
  net.run_for(10s);
  ASSERT_TRUE(net.ended.contains({0, 2}));
  EXPECT_LE(net.ended.at({0, 2}).at - told, 2s);
}

TEST(Starvation, twoThatHoldHalfOfWhatBothNeedBothEnd) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Network net({.seed = seed, .nodes = 20});
    for (std::size_t seeker = 0; seeker < 3; ++seeker) net.seek(seeker, 1, wanted(30, 120s));
    std::size_t over = 0;
    const auto end = net.now() + 120s;
    std::set<std::size_t> begun;
    while (over < 3 && net.now() < end) {
      net.run_for(10ms);
      for (auto& [key, ended] : net.ended) {
        if (!begun.insert(key.first).second) continue;
        ASSERT_TRUE(ended.found) << "seed " << seed;
        net.run_job(key.first, ended.grants, 3s);  // long enough that the others starve
        ++over;
      }
    }
    EXPECT_EQ(over, 3u) << "seed " << seed;
  }
}

TEST(Starvation, aLargeSearchWaitsForTheSmallOnesToLeaveRoom) {
  for (const double load : {0.25, 0.5, 0.75}) {
    for (const std::uint32_t ranks : {20u, 30u, 38u}) {
      double sum = 0, worst = 0;
      int passed_by = 0;
      for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const auto waited = large_search(seed, load, ranks, 20s);
        ASSERT_TRUE(waited.found) << "not even after the stream, seed " << seed;
        sum += waited.seconds;
        worst = std::max(worst, waited.seconds);
        passed_by += waited.seconds > 19 ? 1 : 0;
      }
      std::printf(
          "%2.0f %% busy with small jobs, %u of 40 cores wanted: mean wait %.2f s, longest %.2f s, %d of 5 "
          "only when the stream was over\n",
          load * 100, ranks, sum / 5, worst, passed_by);
    }
  }
}

}  // namespace
}  // namespace zel::schedule
