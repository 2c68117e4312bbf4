#include "daemon/overlay/overlay.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::SmallWorld;
using What = PeerChanged::What;

TEST(Overlay, NodesThatKnowOneAddressGetToKnowOneAnother) {
  SmallWorld world(1);
  for (int i = 0; i < 30; ++i) world.add();
  world.run(20s);
  for (std::size_t at = 0; at < world.size(); ++at) {
    EXPECT_EQ(world[at].known().size(), 29u) << "node " << at;
    EXPECT_EQ(world.count(at, What::suspected), 0u);
  }
}

TEST(Overlay, TheDeadAreNoticedByAllAndNobodyElseIs) {
  SmallWorld world(2);
  for (int i = 0; i < 40; ++i) world.add();
  world.run(60s);
  for (std::size_t dead = 29; dead < 40; ++dead) world.kill(dead);
  world.run(20s);
  for (std::size_t at = 0; at < 29; ++at) {
    for (std::size_t of = 0; of < 40; ++of) {
      if (of != at) EXPECT_EQ(world.state(of, at), of < 29 ? PeerState::alive : PeerState::dead) << of << " at " << at;
    }
    EXPECT_EQ(world.count(at, What::died), 11u);
  }
}

TEST(Overlay, ANodeThatStoodStillBuriesNobodyAndComesBack) {
  SmallWorld world(3);
  for (int i = 0; i < 20; ++i) world.add();
  world.run(60s);
  world.stop(7);
  world.run(20s);
  EXPECT_EQ(world.state(7, 3), PeerState::dead);
  world.go_on(7);
  world.run(5s);
  EXPECT_EQ(world.count(7, What::died), 0u);
  EXPECT_EQ(world[7].counters().stalls, 1u);
  for (std::size_t at = 0; at < 20; ++at) {
    if (at != 7) EXPECT_EQ(world.state(7, at), PeerState::alive) << "at " << at;
  }
  world.run(60s);
  EXPECT_EQ(world.count(7, What::died), 0u);
}

TEST(Overlay, PartsThatWereCutOffFindTogetherAgain) {
  SmallWorld world(4);
  for (int i = 0; i < 20; ++i) world.add();
  world.run(60s);
  world.arrives = [](std::size_t from, std::size_t to) { return (from < 8) == (to < 8); };
  world.run(60s);
  EXPECT_EQ(world.state(3, 12), PeerState::dead);
  world.arrives = [](std::size_t, std::size_t) { return true; };
  world.run(40s);
  for (std::size_t at = 0; at < 20; ++at) {
    for (std::size_t of = 0; of < 20; ++of) {
      if (of != at) EXPECT_EQ(world.state(of, at), PeerState::alive) << of << " at " << at;
    }
  }
}

TEST(Overlay, WhoLeavesIsNotCalledDead) {
  SmallWorld world(5);
  for (int i = 0; i < 10; ++i) world.add();
  world.run(30s);
  world[4].leave(world.now());
  world.collect(4);
  world.kill(4);
  world.run(60s);
  for (std::size_t at = 0; at < 10; ++at) {
    if (at == 4) continue;
    EXPECT_EQ(world.state(4, at), PeerState::left);
    EXPECT_EQ(world.count(at, What::left), 1u);
    EXPECT_EQ(world.count(at, What::died), 0u);
  }
  EXPECT_EQ(world[4].next_deadline(), base::never);
}

TEST(Overlay, SettledTrafficIsSmall) {
  SmallWorld world(6);
  for (int i = 0; i < 100; ++i) world.add();
  world.run(120s);
  world.bytes_sent = 0;
  world.run(60s);
  EXPECT_LE(world.bytes_sent / 60 / 100, 2048u);
}

}  // namespace
}  // namespace zel::overlay
