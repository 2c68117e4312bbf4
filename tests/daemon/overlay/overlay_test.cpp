#include "daemon/overlay/overlay.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
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
      if (of != at) {
        EXPECT_EQ(world.state(of, at), of < 29 ? PeerState::alive : PeerState::dead) << of << " at " << at;
      }
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
    if (at != 7) {
      EXPECT_EQ(world.state(7, at), PeerState::alive) << "at " << at;
    }
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
      if (of != at) {
        EXPECT_EQ(world.state(of, at), PeerState::alive) << of << " at " << at;
      }
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

void expect_all_know_all(SmallWorld& world) {
  for (std::size_t at = 0; at < world.size(); ++at) {
    EXPECT_EQ(world[at].view().size(), world.size() - 1) << "at " << at;
    EXPECT_EQ(world.count(at, What::died), 0u) << "at " << at;
  }
}

TEST(Overlay, HalfOfAllMessagesLostIsBorne) {
  SmallWorld world(7);
  base::Random luck(70);
  for (int i = 0; i < 30; ++i) world.add();
  world.arrives = [&](std::size_t, std::size_t) { return luck.chance(0.5); };
  world.run(120s);
  for (std::size_t at = 0; at < world.size(); ++at) EXPECT_GE(world[at].known().size(), 28u) << "at " << at;
  world.arrives = [](std::size_t, std::size_t) { return true; };
  world.run(60s);
  for (std::size_t at = 0; at < world.size(); ++at) EXPECT_EQ(world[at].view().size(), 29u) << "at " << at;
}

TEST(Overlay, FourOfFiveNodesBehindANatAreKnownAndNotBuried) {
  SmallWorld world(8);
  for (int i = 0; i < 30; ++i) world.add();
  std::set<std::pair<std::size_t, std::size_t>> opened;
  world.arrives = [&](std::size_t from, std::size_t to) {
    opened.emplace(from, to);
    return to % 5 == 0 || opened.contains({to, from});
  };
  world.run(120s);
  expect_all_know_all(world);
}

TEST(Overlay, AnArrivalIsKnownToAllWithinSeconds) {
  SmallWorld world(9);
  for (int i = 0; i < 40; ++i) world.add();
  world.run(120s);
  const std::size_t newcomer = world.add();
  world.run(15s);
  for (std::size_t at = 0; at < newcomer; ++at)
    EXPECT_TRUE(world[at].find(testing::node_id(newcomer))) << "at " << at;
}

TEST(Overlay, ThePerceivedSizeIsAboutTheSize) {
  SmallWorld world(10);
  for (int i = 0; i < 60; ++i) world.add();
  world.run(300s);
  double sum = 0;
  for (std::size_t at = 0; at < 60; ++at) sum += world[at].perceived_size() / 60;
  EXPECT_NEAR(sum, 60, 9);
}

TEST(Overlay, DistancesAreMeasuredOnTheWay) {
  SmallWorld world(11);
  for (int i = 0; i < 20; ++i) world.add();
  world.delay = [](std::size_t a, std::size_t b) { return a % 2 == b % 2 ? 1ms : 40ms; };
  world.run(120s);
  const auto near = world[0].distance(testing::record_of(2));
  const auto far = world[0].distance(testing::record_of(3));
  EXPECT_LT(near, 10ms);
  EXPECT_GT(far, 60ms);
  EXPECT_EQ(world[0].distance(*world[0].neighbours().front()), near);
}

TEST(Overlay, WhoSpeaksForAnotherIsNotHeard) {
  SmallWorld world(12);
  world.add();
  const auto at = world.now();
  const PeerRecord before = world[0].self();
  world[0].on_message(testing::node_id(5), wire::overlay::Ping{1, testing::record_of(6), {}, false}, at);
  world[0].on_message(testing::node_id(5), wire::overlay::GossipRequest{{testing::record_of(6)}, {}}, at);
  world[0].on_message(before.id, wire::overlay::Ping{1, before, {}, false}, at);
  EXPECT_TRUE(world[0].take_actions().empty());
  EXPECT_TRUE(world[0].known().empty());
  EXPECT_EQ(world[0].self(), before);
  EXPECT_EQ(world[0].counters().wrong_sender, 3u);
}

TEST(Overlay, AFloodOfRecordsAndRumoursLeavesItBounded) {
  SmallWorld world(13);
  world.add();
  base::Random random(130);
  const auto at = world.now();
  for (int i = 0; i < 10'000; ++i) {
    const PeerRecord sender = testing::record_of(1 + random.below(100'000), random.below(2000));
    std::vector<wire::overlay::Rumour> rumours;
    for (int r = 0; r < 3; ++r) {
      const PeerRecord subject = testing::record_of(random.below(100'000), random.below(2000));
      const auto kind = static_cast<wire::overlay::RumourKind>(random.below(4));
      rumours.push_back({kind, subject.id, subject.incarnation, sender.id, {}});
      if (kind == wire::overlay::RumourKind::alive) rumours.back().record = {subject};
    }
    wire::overlay::Message message = wire::overlay::Ping{1, sender, rumours, random.chance(0.5)};
    if (i % 4 == 1) message = wire::overlay::Ack{1, sender, rumours};
    if (i % 4 == 2)
      message = wire::overlay::GossipRequest{{sender, testing::record_of(random.below(100'000))}, rumours};
    if (i % 4 == 3) message = wire::overlay::PingRequest{1, testing::record_of(random.below(100'000))};
    ASSERT_TRUE(wire::overlay::valid(message));
    world[0].on_message(sender.id, message, at);
    for (const Action& action : world[0].take_actions()) {
      if (const auto* send = std::get_if<Send>(&action)) {
        ASSERT_TRUE(wire::overlay::valid(send->message));
        ASSERT_NE(send->to.id, world[0].self().id);
      }
    }
  }
  const Config config = Config::lan();
  const std::size_t most = config.view_size + config.fallback_size + config.max_tombstones +
                           config.close_neighbours + config.random_neighbours * 3;
  EXPECT_LE(world[0].known().size(), most);
}

TEST(Overlay, WatchingTheDeadIsAnsweredAtOnce) {
  SmallWorld world(14);
  for (int i = 0; i < 5; ++i) world.add();
  world.run(30s);
  world.kill(4);
  world.run(30s);
  const std::size_t before = world.count(0, What::died);
  world[0].watch(testing::record_of(4));
  world.collect(0);
  EXPECT_EQ(world.count(0, What::died), before + 1);
}

TEST(Overlay, TheSameSeedIsTheSameRun) {
  std::array<std::uint64_t, 2> bytes{};
  for (auto& each : bytes) {
    SmallWorld world(15);
    for (int i = 0; i < 25; ++i) world.add();
    world.run(30s);
    world.kill(3);
    world.run(30s);
    each = world.bytes_sent;
  }
  EXPECT_EQ(bytes[0], bytes[1]);
}

TEST(Overlay, SettledTrafficIsSmall) {
  SmallWorld world(6);
  for (int i = 0; i < 100; ++i) world.add();
  world.run(120s);
  world.bytes_sent = 0;
  world.run(60s);
  EXPECT_LE(world.bytes_sent / 60 / 100, 2048u);
  RecordProperty("bytes_per_node_and_second", static_cast<int>(world.bytes_sent / 60 / 100));
}

// Whatever an admitted node says with an incarnation nobody can have: nobody is buried for it, or described by it.
TEST(Overlay, ALiarBuriesNobody) {
  SmallWorld world(11);
  for (int i = 0; i < 20; ++i) world.add();
  world.run(30s);
  const auto limit = wire::overlay::max_incarnation;
  constexpr std::size_t liar = 7, victim = 3, newcomer = 20;
  PeerRecord false_description = testing::record_of(victim, limit);
  false_description.addresses = {{"10.9.9.9", 9}};
  for (int i = 0; i < 20; ++i) {
    for (std::size_t at = 0; at < 20; ++at) {
      if (at == liar) continue;
      using Kind = wire::overlay::RumourKind;
      world.say(liar, at,
                wire::overlay::Ping{0, world[liar].self(),
                                    {testing::rumour_of(Kind::dead, victim, limit, liar),
                                     testing::rumour_of(Kind::suspect, victim, limit, 9),
                                     testing::alive_rumour_of(false_description),
                                     testing::rumour_of(Kind::left, newcomer, limit, newcomer)},
                                    false});
    }
    world.run(100ms);
  }
  world.add();
  world.run(30s);
  for (std::size_t at = 0; at < world.size(); ++at) {
    for (std::size_t of = 0; of < world.size(); ++of) {
      if (of == at) continue;
      EXPECT_EQ(world.state(of, at), PeerState::alive) << of << " at " << at;
    }
    if (at != victim) {
      EXPECT_EQ(world[at].find(node_id(victim))->record.addresses, testing::record_of(victim).addresses) << at;
    }
    EXPECT_EQ(world.count(at, What::died), 0u) << at;
  }
  EXPECT_LT(world[victim].self().incarnation, 1000 + 100 * Config::lan().largest_leap);
}

}  // namespace
}  // namespace zel::overlay
