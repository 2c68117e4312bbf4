// Why: how far a search goes first and next, from what gossip says.
#include "daemon/schedule/rings.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using wire::schedule::Metric;

/// This node in the middle, others at 2, 4, 6… ms with two free cores each; the nearest four are neighbours.
struct Around final : Surroundings {
  explicit Around(std::uint32_t count) {
    own.id = id_of(0);
    for (std::uint32_t i = 1; i <= count; ++i) {
      PeerRecord record;
      record.id = id_of(i);
      record.version = i;
      record.name = "n" + std::to_string(i);
      record.cores_free = record.cores_total = 2;
      all.push_back(record);
    }
    for (const auto& peer : all) {
      if (seen.size() < 4) near.push_back(&peer);
      seen.push_back(&peer);
    }
  }
  const PeerRecord& self() const override { return own; }
  std::vector<const PeerRecord*> neighbours() const override { return near; }
  std::vector<const PeerRecord*> view() const override { return seen; }
  base::Duration distance(const PeerRecord& peer) const override { return peer.version * 2ms; }
  base::Duration distance(const PeerRecord&, const PeerRecord&) const override { return 0ms; }
  PeerRecord own;
  std::vector<PeerRecord> all;
  std::vector<const PeerRecord*> near, seen;
};

const Config config;

TEST(Rings, theFirstGoesAsFarAsGossipSaysIsNeeded) {
  const Around around(40);
  const auto ring = first_ring(wanted(6), 0, around, config);  // with the reserve nine ranks: five nodes
  EXPECT_NEAR(base::seconds(ring.radius), 6e-3 * std::sqrt(9.0 / 7), 1e-6)
      << "less, for the neighbours are dense";
  EXPECT_FALSE(ring.widest);
  EXPECT_EQ(ring.length, config.smallest_round);
  EXPECT_LT(ring.radius, first_ring(wanted(12), 0, around, config).radius);
  EXPECT_LT(first_ring(wanted(12), 9, around, config).radius, 12ms) << "own cores count";
}

TEST(Rings, eachIsTwiceAsFarUntilNoneIsFarther) {
  const Around around(40);
  auto ring = first_ring(wanted(6), 0, around, config);
  for (int rounds = 0; !ring.widest; ++rounds) {
    ASSERT_LT(rounds, 10);
    const auto next = next_ring(ring, wanted(6), around, config);
    EXPECT_TRUE(next.widest || next.radius == 2 * ring.radius);
    EXPECT_GE(next.length, 3 * next.reach);
    ring = next;
  }
  EXPECT_EQ(ring.radius, config.largest_radius) << "beyond all that is known there may be others";
  EXPECT_EQ(ring.reach, 80ms);
  EXPECT_EQ(next_ring(ring, wanted(6), around, config), ring);
}

TEST(Rings, whoKnowsNobodyNamesHostsOrNeedsAllGoesTheWholeWay) {
  EXPECT_TRUE(first_ring(wanted(1), 0, Around(0), config).widest);
  auto named = wanted(1);
  named.requirements.hosts = {"n3"};
  EXPECT_TRUE(first_ring(named, 0, Around(40), config).widest);
  EXPECT_TRUE(first_ring(wanted(1000), 0, Around(40), config).widest);
}

TEST(Rings, hopsDoubleUpToWhatWasAsked) {
  const Around around(4);
  auto w = wanted(4);
  w.metric = Metric::hops;
  w.hops = 3;
  auto ring = first_ring(w, 0, around, config);
  EXPECT_EQ(ring.hops, 1u);
  ring = next_ring(ring, w, around, config);
  EXPECT_EQ(ring.hops, 2u);
  EXPECT_FALSE(ring.widest);
  ring = next_ring(ring, w, around, config);
  EXPECT_EQ(ring.hops, 3u);
  EXPECT_TRUE(ring.widest);
  w.metric = Metric::neighbours;
  EXPECT_TRUE(first_ring(w, 0, around, config).widest);
}

}  // namespace
}  // namespace zel::schedule
