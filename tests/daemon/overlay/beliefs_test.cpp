#include "daemon/overlay/beliefs.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
using testing::record_of;
using Heard = Beliefs::Heard;
using What = PeerChanged::What;
using wire::overlay::Rumour;
using wire::overlay::RumourKind;

class BeliefsTest : public ::testing::Test {
 protected:
  BeliefsTest() { beliefs.set_network_size(100); }
  void know(std::uint64_t number) { slot = beliefs.add(record_of(number), Use::view, now); }
  void hear(RumourKind kind, std::uint64_t subject, std::uint64_t incarnation, std::uint64_t reporter) {
    beliefs.hear(testing::rumour_of(kind, subject, incarnation, reporter), now);
  }
  void hear_alive(std::uint64_t subject, std::uint64_t incarnation) {
    beliefs.hear(testing::alive_rumour_of(record_of(subject, incarnation)), now);
  }
  bool knows(std::uint64_t number) const { return peers.find(node_id(number)) != PeerTable::none; }
  std::vector<What> news() {
    std::vector<What> all;
    for (const Action& action : std::exchange(out, {})) all.push_back(std::get<PeerChanged>(action).what);
    return all;
  }
  std::vector<Rumour> said() {
    std::vector<Rumour> rumours;
    beliefs.rumours().take(32, rumours);
    return rumours;
  }

  Config config = Config::lan();
  PeerRecord self = record_of(0);
  PeerTable peers;
  Actions out;
  Beliefs beliefs{config, self, peers, out};
  base::Time now{std::chrono::hours(1)};
  PeerTable::Slot slot = PeerTable::none;
};

TEST_F(BeliefsTest, TheAccusedThatDoesNotObjectIsDead) {
  know(1);
  beliefs.accuse(slot, {}, now);
  EXPECT_EQ(beliefs.next_deadline(), now + 24s);
  now += 24s;
  beliefs.on_timer(now);
  EXPECT_EQ(news(), (std::vector{What::joined, What::suspected, What::died}));
  EXPECT_FALSE(knows(1));
  const auto rumours = said();
  ASSERT_EQ(rumours.size(), 1u);
  EXPECT_EQ(rumours[0].kind, RumourKind::dead);
  EXPECT_EQ(rumours[0].reporter, self.id);
}

TEST_F(BeliefsTest, HelpersThatFailedTooConfirm) {
  know(1);
  beliefs.accuse(slot, {node_id(2), node_id(3)}, now);
  EXPECT_EQ(beliefs.next_deadline(), now + 4s);
}

TEST_F(BeliefsTest, SoDoRumoursOfOthersButEachOnce) {
  know(1);
  hear(RumourKind::suspect, 1, 1000, 2);
  EXPECT_EQ(beliefs.next_deadline(), now + 24s);
  hear(RumourKind::suspect, 1, 1000, 2);
  EXPECT_EQ(beliefs.next_deadline(), now + 24s);
  hear(RumourKind::suspect, 1, 1000, 3);
  hear(RumourKind::suspect, 1, 1000, 4);
  EXPECT_EQ(beliefs.next_deadline(), now + 4s);
}

TEST_F(BeliefsTest, WhoDoubtsItselfWaitsLonger) {
  know(1);
  beliefs.set_patience(3);
  beliefs.accuse(slot, {node_id(2), node_id(3)}, now);
  EXPECT_EQ(beliefs.next_deadline(), now + 12s);
}

TEST_F(BeliefsTest, OnlyWhoFoundItSilentTellsItSo) {
  know(1);
  hear(RumourKind::suspect, 1, 1000, 2);
  EXPECT_TRUE(beliefs.accused_here().empty());
  beliefs.accuse(slot, {}, now);
  EXPECT_EQ(beliefs.accused_here(), std::vector{node_id(1)});
  hear_alive(1, 1001);
  EXPECT_TRUE(beliefs.accused_here().empty());
}

TEST_F(BeliefsTest, AnAccusationThatIsNotNewIsNotSaidAgain) {
  know(1);
  beliefs.accuse(slot, {}, now);
  while (!said().empty()) {
  }
  for (int i = 0; i < 10; ++i) beliefs.accuse(slot, {}, now);
  EXPECT_TRUE(said().empty());
}

TEST_F(BeliefsTest, NewcomersAreAnnouncedWhileThereIsLittleElseToSay) {
  for (std::uint64_t i = 1; i <= 200; ++i) beliefs.announce(record_of(i));
  EXPECT_EQ(beliefs.rumours().size(), Rumours::capacity / 2);
}

TEST_F(BeliefsTest, ALaterIncarnationRefutes) {
  know(1);
  beliefs.accuse(slot, {}, now);
  hear_alive(1, 1000);  // no later than the accusation
  EXPECT_EQ(peers[slot].state, PeerState::suspect);
  hear_alive(1, 1001);
  EXPECT_EQ(peers[slot].state, PeerState::alive);
  EXPECT_EQ(news(), (std::vector{What::joined, What::suspected, What::refuted}));
  now += 1h;
  beliefs.on_timer(now);
  EXPECT_TRUE(knows(1));
  hear(RumourKind::suspect, 1, 1000, 2);  // old
  hear(RumourKind::dead, 1, 1000, 2);
  EXPECT_EQ(peers[slot].state, PeerState::alive);
}

TEST_F(BeliefsTest, TheBuriedAreNotAddedAgainBeforeALaterIncarnation) {
  know(1);
  hear(RumourKind::dead, 1, 1000, 2);
  EXPECT_FALSE(knows(1));
  EXPECT_EQ(beliefs.hear(record_of(1, 1000), now), Heard::buried);
  EXPECT_EQ(beliefs.take_stale(), std::vector{node_id(1)});
  EXPECT_EQ(beliefs.hear(record_of(1, 1001), now), Heard::unknown);
  EXPECT_EQ(beliefs.tombstones().find(node_id(1)), nullptr);
}

TEST_F(BeliefsTest, TombstonesEnd) {
  know(1);
  hear(RumourKind::dead, 1, 1000, 2);
  now += config.tombstone_life;
  beliefs.on_timer(now);
  EXPECT_EQ(beliefs.hear(record_of(1, 1000), now), Heard::unknown);
}

TEST_F(BeliefsTest, SuspicionOfAStrangerIsIgnoredAndDeathPassedOnAFewTimes) {
  hear(RumourKind::suspect, 1, 1000, 2);
  EXPECT_TRUE(said().empty());
  hear(RumourKind::dead, 1, 1000, 2);
  int passed = 0;
  while (!said().empty()) ++passed;
  EXPECT_GT(passed, 0);
  EXPECT_LE(passed, 8);
  hear(RumourKind::dead, 1, 1000, 3);  // known by now
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(beliefs.hear(record_of(1), now), Heard::buried);
}

TEST_F(BeliefsTest, WhoLeftStaysAway) {
  know(1);
  hear(RumourKind::left, 1, 1000, 1);
  EXPECT_EQ(news(), (std::vector{What::joined, What::left}));
  EXPECT_EQ(beliefs.hear(record_of(1, 1000), now), Heard::buried);
  base::Random random(1);
  EXPECT_EQ(beliefs.tombstones().random_dead(random), nullptr);
}

TEST_F(BeliefsTest, RefutesWhatIsSaidOfItself) {
  for (const RumourKind kind : {RumourKind::suspect, RumourKind::dead, RumourKind::left}) {
    const std::uint64_t before = self.incarnation;
    hear(kind, 0, before, 3);
    EXPECT_EQ(self.incarnation, before + 1);
    EXPECT_TRUE(beliefs.take_refuted());
    const auto rumours = said();
    ASSERT_EQ(rumours.size(), 1u);
    EXPECT_EQ(rumours[0].kind, RumourKind::alive);
    ASSERT_EQ(rumours[0].record.size(), 1u);
    EXPECT_EQ(rumours[0].record[0], self);
    hear(kind, 0, before, 3);  // answered already
    EXPECT_FALSE(beliefs.take_refuted());
  }
}

TEST_F(BeliefsTest, LiesAboutItselfAreOutbidAndChangeNothingElse) {
  PeerRecord lie = record_of(0, 5000);
  lie.name = "somebody else";
  lie.cores_total = 999;
  EXPECT_EQ(beliefs.hear(lie, now), Heard::own);
  EXPECT_EQ(self.incarnation, 5001u);
  EXPECT_EQ(self.name, "n0");
  EXPECT_EQ(self.cores_total, 4u);
  EXPECT_EQ(peers.size(), 0u);
  lie = self;
  lie.version += 1000;  // would hide what it says next
  beliefs.hear(lie, now);
  EXPECT_GT(self.incarnation, 5001u);
}

// No lie may bring it to the limit, where it could not object any more.
TEST_F(BeliefsTest, ItOutbidsLiesInBoundedStepsAndSlowly) {
  const auto limit = wire::overlay::max_incarnation;
  for (int i = 0; i < 1000; ++i) hear(RumourKind::dead, 0, limit, 3);
  EXPECT_LE(self.incarnation, 1000 + config.largest_leap + 1000);
  EXPECT_GT(self.incarnation, 1000 + config.largest_leap);
  const auto before = self.incarnation;
  now += config.leap_interval;
  beliefs.hear(record_of(0, limit), now);
  EXPECT_EQ(self.incarnation, before + config.largest_leap + 1);
}

TEST_F(BeliefsTest, WhoeverIsHeldHereIsNotBuriedByAnIncarnationItCannotHave) {
  know(1);
  for (const RumourKind kind : {RumourKind::suspect, RumourKind::dead, RumourKind::left}) {
    hear(kind, 1, wire::overlay::max_incarnation, 2);
    hear(kind, 1, 1000 + config.largest_leap + 1, 2);
    ASSERT_TRUE(knows(1));
    EXPECT_EQ(peers[slot].state, PeerState::alive);
    EXPECT_TRUE(said().empty());
    EXPECT_EQ(beliefs.tombstones().find(node_id(1)), nullptr);
  }
  EXPECT_EQ(beliefs.lies(), 6u);
}

TEST_F(BeliefsTest, WhatAnHonestNodeMayHaveMissedIsStillBelieved) {
  know(1);
  hear(RumourKind::dead, 1, 1000 + config.largest_leap, 2);
  EXPECT_FALSE(knows(1));
  hear_alive(1, 1000 + config.largest_leap + 1);  // its refutation
  EXPECT_EQ(beliefs.tombstones().find(node_id(1)), nullptr);
}

TEST_F(BeliefsTest, ADescriptionTooFarAheadReplacesNoneAndRaisesNobody) {
  know(1);
  const auto limit = wire::overlay::max_incarnation;
  EXPECT_EQ(beliefs.hear(record_of(1, limit), now), Heard::known);
  EXPECT_EQ(peers[slot].record.incarnation, 1000u);
  hear(RumourKind::dead, 1, 1000, 2);
  EXPECT_EQ(beliefs.hear(record_of(1, limit), now), Heard::buried);
  EXPECT_TRUE(beliefs.take_stale().empty());
  hear(RumourKind::dead, 1, limit, 2);  // nor is it buried deeper
  EXPECT_EQ(beliefs.hear(record_of(1, 1001), now), Heard::unknown);
}

TEST_F(BeliefsTest, OfAStrangerTheNodeItselfKnowsBetterThanHearsay) {
  const auto limit = wire::overlay::max_incarnation;
  hear(RumourKind::dead, 1, limit, 2);
  EXPECT_EQ(beliefs.hear(record_of(1, 1001), now), Heard::buried);
  beliefs.hear_itself(record_of(1), now);  // so it is told what it can refute
  EXPECT_EQ(beliefs.hear(record_of(1), now), Heard::buried);
  EXPECT_EQ(beliefs.hear(record_of(1, 1001), now), Heard::unknown);
  slot = beliefs.add(record_of(2, limit), Use::view, now);  // a forged one came first
  beliefs.hear_itself(record_of(2), now);
  EXPECT_EQ(peers[slot].record, record_of(2));
}

TEST_F(BeliefsTest, TheNodeItselfMayComeFromFarAhead) {
  const auto later = 1000 + 100 * config.largest_leap;
  know(1);
  beliefs.hear_itself(record_of(1, later), now);
  EXPECT_EQ(peers[slot].record.incarnation, later);
  know(2);
  hear(RumourKind::dead, 2, 1000, 3);
  beliefs.hear_itself(record_of(2, later), now);
  EXPECT_EQ(beliefs.hear(record_of(2, later), now), Heard::unknown);
}

TEST_F(BeliefsTest, TheTombstoneOfAStrangerEndsSooner) {
  hear(RumourKind::dead, 1, 1000, 2);
  know(2);
  hear(RumourKind::dead, 2, 1000, 3);
  EXPECT_EQ(beliefs.next_deadline(), now + config.hearsay_tombstone_life);
  now += config.hearsay_tombstone_life;
  beliefs.on_timer(now);
  EXPECT_EQ(beliefs.tombstones().find(node_id(1)), nullptr);
  EXPECT_NE(beliefs.tombstones().find(node_id(2)), nullptr);
}

TEST_F(BeliefsTest, NoIncarnationGrowsBeyondTheLimit) {
  self.incarnation = wire::overlay::max_incarnation;
  hear(RumourKind::dead, 0, wire::overlay::max_incarnation, 3);
  EXPECT_EQ(self.incarnation, wire::overlay::max_incarnation);
  EXPECT_TRUE(wire::overlay::valid(self));
  const Rumour absurd = testing::rumour_of(RumourKind::dead, 0, ~std::uint64_t{0}, 3);
  EXPECT_FALSE(wire::overlay::valid(wire::overlay::Ping{1, record_of(3), {absurd}, false}));
  EXPECT_FALSE(wire::overlay::valid(record_of(3, wire::overlay::max_incarnation + 1)));
}

TEST_F(BeliefsTest, AnOlderDescriptionDoesNotReplaceANewerOne) {
  know(1);
  PeerRecord newer = record_of(1);
  newer.version = 7;
  newer.cores_free = 3;
  beliefs.hear(newer, now);
  EXPECT_EQ(peers[slot].record.cores_free, 3u);
  beliefs.hear(record_of(1), now);
  EXPECT_EQ(peers[slot].record.cores_free, 3u);
}

TEST_F(BeliefsTest, AfterStandingStillOldSuspicionsWait) {
  know(1);
  beliefs.accuse(slot, {node_id(2), node_id(3)}, now);
  now += 20s;
  beliefs.put_off(18s, now);
  beliefs.on_timer(now);
  EXPECT_TRUE(knows(1));
  EXPECT_GE(beliefs.next_deadline(), now + 4s);
}

TEST_F(BeliefsTest, AFloodLeavesEverythingBounded) {
  base::Random random(9);
  for (std::uint64_t i = 1; i <= 10'000; ++i) {
    hear(static_cast<RumourKind>(random.below(4)), random.below(1'000'000) + 1, random.below(3000),
         random.below(500));
    hear_alive(random.below(1'000'000) + 1, random.below(3000));
  }
  EXPECT_LE(beliefs.tombstones().all().size(), config.max_tombstones);
  EXPECT_LE(beliefs.rumours().size(), Rumours::capacity);
  EXPECT_LE(beliefs.take_newcomers().size(), wire::overlay::max_rumours);
  EXPECT_EQ(peers.size(), 0u);
}

}  // namespace
}  // namespace zel::overlay
