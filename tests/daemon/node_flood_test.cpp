// Ranks that send all they can to a host that takes nothing: what every node holds is bounded, and all of it arrives.
#include <gtest/gtest.h>

#include "tests/daemon/cluster.hpp"

namespace zel::daemon {
namespace {

constexpr std::uint8_t n1 = 1, n2 = 2, n3 = 3;

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

}  // namespace
}  // namespace zel::daemon
