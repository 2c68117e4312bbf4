#include "daemon/overlay/neighbours.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
using testing::record_of;

class NeighboursTest : public ::testing::Test {
 protected:
  NeighboursTest() {
    config.close_neighbours = 4;
    config.random_neighbours = 2;
    self.coordinate = coordinates.own().wire();
  }
  /// Estimated to be so far.
  void know(std::uint64_t number, float distance_s) {
    PeerRecord record = record_of(number);
    record.coordinate.position[0] = distance_s;
    beliefs.add(record, Use::view, now);
  }
  void tick() {
    now = neighbours.next_deadline();
    neighbours.on_timer(now);
  }
  bool is(std::uint64_t number, Use use) { return peers[peers.find(node_id(number))].used_for(use); }

  Config config = Config::lan();
  PeerRecord self = record_of(0);
  PeerTable peers;
  Actions out;
  Beliefs beliefs{config, self, peers, out};
  Coordinates coordinates{config, base::Random(1)};
  base::Time now{std::chrono::hours(1)};
  Neighbours neighbours{config, coordinates, peers, base::Random(1), now};
};

TEST_F(NeighboursTest, TheNearestAreKeptAndSomeFarOnes) {
  for (std::uint64_t i = 1; i <= 20; ++i) know(i, 0.01f * static_cast<float>(i));
  tick();
  for (std::uint64_t i = 1; i <= 20; ++i) EXPECT_EQ(is(i, Use::close), i <= 4) << i;
  EXPECT_EQ(peers.members(Use::far).size(), 2u);
  const auto all = neighbours.all();
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(peers[all[0]].record.id, node_id(1));
  EXPECT_EQ(neighbours.take_unmeasured().size(), 3u);
}

TEST_F(NeighboursTest, WhatWasMeasuredCountsMoreThanAnEstimate) {
  for (std::uint64_t i = 1; i <= 6; ++i) know(i, 0.01f * static_cast<float>(i));
  peers[peers.find(node_id(1))].rtt.add(5.0);
  peers[peers.find(node_id(6))].rtt.add(0.001);
  tick();
  EXPECT_FALSE(is(1, Use::close));
  EXPECT_TRUE(is(6, Use::close));
}

TEST_F(NeighboursTest, ANearNeighbourStaysWhenItLeavesTheView) {
  know(1, 0.01f);
  tick();
  peers.release(peers.find(node_id(1)), Use::view);
  tick();
  ASSERT_NE(peers.find(node_id(1)), PeerTable::none);
  EXPECT_TRUE(is(1, Use::close));
}

TEST_F(NeighboursTest, TheSuspectAreNone) {
  know(1, 0.01f);
  tick();
  beliefs.accuse(peers.find(node_id(1)), {}, now);
  EXPECT_TRUE(neighbours.all().empty());
}

TEST_F(NeighboursTest, WhoCountsThisNodeIsOneInReturnWithinALimit) {
  for (std::uint64_t i = 1; i <= 100; ++i) neighbours.counted_by(record_of(i), beliefs, now);
  EXPECT_EQ(peers.members(Use::inbound).size(), config.random_neighbours * 2);
  EXPECT_EQ(neighbours.all().size(), config.random_neighbours * 2);
}

}  // namespace
}  // namespace zel::overlay
