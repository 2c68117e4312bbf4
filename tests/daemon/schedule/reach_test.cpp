// Why: what a flood costs and how near what it finds is: the figures are printed, their limits asserted.
#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

constexpr std::size_t requests = 0;  // its place in wire::schedule::Message

TEST(Reach, aSmallNetworkCostsAboutOneMessageANode) {
  for (const std::size_t nodes : {10u, 50u, 200u}) {
    Network net({.nodes = nodes});
    auto w = wanted(static_cast<std::uint32_t>(2 * nodes));  // all there is
    net.seek(0, 1, w);
    const auto* ended = net.run_until_over(0, 1);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->found) << ended->text;
    std::printf("%zu nodes, all wanted: %llu requests, %s\n", nodes,
                static_cast<unsigned long long>(net.messages(requests)), ended->summary.c_str());
    EXPECT_LE(net.messages(requests), nodes * 2) << "at most two rounds, each node told once";
  }
}

TEST(Reach, aNodeThatKnowsFewStillReachesAll) {
  for (const std::size_t nodes : {200u, 1000u}) {
    Network net({.seed = 3, .nodes = nodes, .known = 60, .side_ms = 50});
    auto w = wanted(static_cast<std::uint32_t>(2 * nodes));
    net.seek(0, 1, w);
    const auto* ended = net.run_until_over(0, 1);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->found) << ended->text;
    std::printf("%zu nodes, 80 known: %llu requests, %s\n", nodes,
                static_cast<unsigned long long>(net.messages(requests)), ended->summary.c_str());
  }
}

TEST(Reach, whatIsTakenIsNear) {
  for (const bool half_busy : {false, true}) {
    for (const std::size_t nodes : {100u, 1000u}) {
      for (const double part : {0.01, 0.1, 0.5}) {
        if (half_busy && part > 0.4) continue;
        Network net({.seed = 5, .nodes = nodes, .known = 100, .side_ms = 50});
        if (half_busy) {
          for (std::size_t i = 1; i < nodes; i += 2) {
            net.seek(i, 1, wanted(2));
            const auto* own = net.run_until_over(i, 1);
            ASSERT_TRUE(own && own->found);
            net.run_job(i, own->grants, 1h);
          }
          net.run_for(15s);
          net.spread_news();
        }
        net.forget_messages();
        const auto began = net.now();
        net.seek(0, 7,
                 wanted(std::max(1u, static_cast<std::uint32_t>(part * 2 * static_cast<double>(nodes)))));
        const auto* ended = net.run_until_over(0, 7);
        ASSERT_TRUE(ended && ended->found) << (ended ? ended->text : "");
        const auto [taken, best] = net.mean_distance_ms(0, ended->grants);
        std::printf(
            "%4zu nodes, %2.0f %% %s: %llu requests, %.3f s, mean distance %.2f ms, nearest cores there are "
            "%.2f ms: %s\n",
            nodes, part * 100, half_busy ? "of half busy" : "of idle",
            static_cast<unsigned long long>(net.messages(requests)), base::seconds(ended->at - began), taken,
            best, ended->summary.c_str());
        // Half the cores busy: the nearest free ones lie on an area twice as large.
        EXPECT_LE(taken, best * (half_busy ? 1.8 : 1.15) + 0.3);
      }
    }
  }
}

}  // namespace
}  // namespace zel::schedule
