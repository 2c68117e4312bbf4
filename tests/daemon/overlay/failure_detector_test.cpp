#include "daemon/overlay/failure_detector.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
using testing::record_of;
namespace wo = wire::overlay;

class FailureDetectorTest : public ::testing::Test {
 protected:
  FailureDetectorTest() { beliefs.set_network_size(100); }
  PeerTable::Slot know(std::uint64_t number) {
    const auto slot = beliefs.add(record_of(number), Use::view, now);
    peers[slot].reached = true;
    return slot;
  }
  /// Lets time pass, timers called when they are due.
  void pass(base::Duration time) {
    const base::Time end = now + time;
    while (detector.next_deadline() <= end) {
      now = std::max(now, detector.next_deadline());
      detector.on_timer(now);
    }
    now = end;
  }
  template <class Message>
  std::vector<std::pair<base::NodeId, Message>> sent() {
    std::vector<std::pair<base::NodeId, Message>> all;
    for (const Action& action : out) {
      const auto* send = std::get_if<Send>(&action);
      if (send == nullptr) continue;
      if (const auto* message = std::get_if<Message>(&send->message)) all.emplace_back(send->to.id, *message);
    }
    return all;
  }
  PeerState state(std::uint64_t number) { return peers[peers.find(node_id(number))].state; }

  Config config = Config::lan();
  PeerRecord self = record_of(0);
  PeerTable peers;
  Actions out;
  Beliefs beliefs{config, self, peers, out};
  base::Time now{std::chrono::hours(1)};
  FailureDetector detector{config, self, beliefs, peers, out, base::Random(1), now};
};

TEST_F(FailureDetectorTest, EveryPeerIsProbedOnceInATurn) {
  for (std::uint64_t i = 1; i <= 5; ++i) know(i);
  std::map<base::NodeId, int> probed;
  for (int round = 0; round < 10; ++round) {
    pass(1s);
    for (const auto& [to, ping] : sent<wo::Ping>()) {
      ++probed[to];
      detector.on_ack(wo::Ack{ping.sequence, peers[peers.find(to)].record, {}}, now);
    }
    out.clear();
  }
  EXPECT_EQ(probed.size(), 5u);
  for (const auto& [id, times] : probed) EXPECT_EQ(times, 2);
}

TEST_F(FailureDetectorTest, AnAckTellsTheRoundTripTime) {
  const auto slot = know(1);
  detector.measure(slot, now);
  const auto pings = sent<wo::Ping>();
  ASSERT_EQ(pings.size(), 1u);
  now += 30ms;
  EXPECT_EQ(detector.on_ack(wo::Ack{pings[0].second.sequence + 1, record_of(1), {}}, now), std::nullopt);
  EXPECT_EQ(detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(2), {}}, now),
            std::nullopt);  // another's
  EXPECT_EQ(detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(1), {}}, now), 30ms);
  EXPECT_EQ(detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(1), {}}, now),
            std::nullopt);  // again
}

TEST_F(FailureDetectorTest, SilenceIsCheckedByOthersBeforeItIsAnAccusation) {
  detector.measure(know(1), now);
  for (std::uint64_t i = 2; i <= 6; ++i) know(i);
  now += 500ms;
  detector.on_timer(now);
  const auto requests = sent<wo::PingRequest>();
  ASSERT_EQ(requests.size(), 3u);
  for (const auto& [to, request] : requests) {
    EXPECT_EQ(request.target.id, node_id(1));
    EXPECT_NE(to, node_id(1));
  }
  EXPECT_EQ(state(1), PeerState::alive);
  for (const auto& [to, request] : requests)
    detector.on_indirect_ack(to, wo::IndirectAck{request.sequence, false}, now);
  now += 750ms;
  detector.on_timer(now);
  EXPECT_EQ(state(1), PeerState::suspect);
  EXPECT_EQ(detector.awareness(), 0);            // everyone else answered: it is not this node
  EXPECT_EQ(beliefs.next_deadline(), now + 4s);  // three nodes failed as well
}

TEST_F(FailureDetectorTest, OneHelperThatReachesItIsEnough) {
  detector.measure(know(1), now);
  know(2);
  now += 500ms;
  detector.on_timer(now);
  const auto requests = sent<wo::PingRequest>();
  ASSERT_EQ(requests.size(), 1u);
  detector.on_indirect_ack(node_id(2), wo::IndirectAck{requests[0].second.sequence, true}, now);
  now += 5s;
  EXPECT_EQ(state(1), PeerState::alive);
}

TEST_F(FailureDetectorTest, HelpersThatSayNothingMakeItDoubtItself) {
  detector.measure(know(1), now);
  for (std::uint64_t i = 2; i <= 4; ++i) know(i);
  pass(1300ms);
  EXPECT_EQ(detector.awareness(), 3);
  for (int i = 0; i < 60; ++i) pass(1s);
  EXPECT_EQ(detector.awareness(), 8);
  out.clear();
  // From now on it waits nine times as long before it asks others.
  know(9);
  detector.measure(peers.find(node_id(9)), now);
  ASSERT_FALSE(sent<wo::Ping>().empty());
}

TEST_F(FailureDetectorTest, ABrokenLinkIsAHintOnly) {
  know(1);
  know(2);
  detector.on_unreachable(node_id(1), now);
  EXPECT_EQ(sent<wo::PingRequest>().size(), 1u);
  EXPECT_EQ(state(1), PeerState::alive);
  detector.on_unreachable(node_id(1), now);
  EXPECT_EQ(sent<wo::PingRequest>().size(), 1u);  // once is enough
  pass(2s);
  EXPECT_EQ(state(1), PeerState::suspect);
}

TEST_F(FailureDetectorTest, WhoWasNeverReachedIsNotAccused) {
  const auto slot = know(1);
  peers[slot].reached = false;
  pass(60s);
  EXPECT_EQ(state(1), PeerState::alive);
  pass(300s);  // but what nobody has heard of for long is forgotten
  EXPECT_EQ(peers.find(node_id(1)), PeerTable::none);
}

TEST_F(FailureDetectorTest, TriesForOthersAndTellsEitherWay) {
  detector.on_ping_request(record_of(1), wo::PingRequest{77, record_of(2)}, now);
  detector.on_ping_request(record_of(1), wo::PingRequest{78, record_of(3)}, now);
  const auto pings = sent<wo::Ping>();
  ASSERT_EQ(pings.size(), 2u);
  detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(2), {}}, now);
  now += 500ms;
  detector.on_timer(now);
  const auto answers = sent<wo::IndirectAck>();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].second.sequence, 77u);
  EXPECT_TRUE(answers[0].second.reached);
  EXPECT_EQ(answers[1].second.sequence, 78u);
  EXPECT_FALSE(answers[1].second.reached);
}

TEST_F(FailureDetectorTest, AnotherNodesAckDoesNotCountForAnErrand) {
  detector.on_ping_request(record_of(1), wo::PingRequest{77, record_of(2)}, now);
  const auto pings = sent<wo::Ping>();
  detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(3), {}}, now);
  EXPECT_TRUE(sent<wo::IndirectAck>().empty());
}

TEST_F(FailureDetectorTest, ErrandsAreBounded) {
  for (std::uint64_t i = 0; i < 10'000; ++i)
    detector.on_ping_request(record_of(1), wo::PingRequest{i, record_of(2)}, now);
  EXPECT_EQ(sent<wo::Ping>().size(), FailureDetector::max_errands);
  EXPECT_EQ(detector.refused(), 10'000 - FailureDetector::max_errands);
}

TEST_F(FailureDetectorTest, TheWatchedAreProbedAtEveryRound) {
  for (std::uint64_t i = 1; i <= 50; ++i) know(i);
  detector.watch(node_id(7));
  detector.watch(node_id(7));
  const auto pings_to_7 = [&] {
    int count = 0;
    for (int round = 0; round < 5; ++round) {
      pass(1s);
      for (const auto& [to, ping] : sent<wo::Ping>()) {
        detector.on_ack(wo::Ack{ping.sequence, peers[peers.find(to)].record, {}}, now);
        count += to == node_id(7) ? 1 : 0;
      }
      out.clear();
    }
    return count;
  };
  EXPECT_GE(pings_to_7(), 5);
  detector.unwatch(node_id(7));
  EXPECT_GE(pings_to_7(), 5);
  detector.unwatch(node_id(7));
  EXPECT_LE(pings_to_7(), 1);
}

TEST_F(FailureDetectorTest, AfterStandingStillWhatWasAwaitedIsVoid) {
  detector.measure(know(1), now);
  know(2);
  now += 20s;
  detector.stalled(now);
  detector.on_timer(now);
  EXPECT_EQ(state(1), PeerState::alive);
  EXPECT_TRUE(sent<wo::PingRequest>().empty());
  EXPECT_GT(detector.awareness(), 0);
}

TEST_F(FailureDetectorTest, TheAccusedIsToldAtEveryTimeout) {
  beliefs.accuse(know(1), {}, now);
  know(2);
  pass(1s);
  out.clear();
  pass(4s);
  int told = 0;
  for (const auto& [to, ping] : sent<wo::Ping>()) told += to == node_id(1) && ping.sequence == 0 ? 1 : 0;
  EXPECT_GE(told, 7);
}

TEST_F(FailureDetectorTest, WhatIsOnlyHeardOfIsNotProbedMoreOftenForThat) {
  for (std::uint64_t i = 1; i <= 50; ++i) know(i);
  for (std::uint64_t i = 1; i <= 50; ++i)
    beliefs.hear(testing::rumour_of(wo::RumourKind::suspect, i, 1000, 99), now);
  out.clear();
  pass(1400ms);  // until its own probe fails
  EXPECT_LE(sent<wo::Ping>().size(), 2u);
}

TEST_F(FailureDetectorTest, APatientNodeAsksAgain) {
  know(1);
  for (int i = 0; i < 2; ++i) detector.was_accused();
  detector.measure(peers.find(node_id(1)), now);
  pass(1400ms);
  const auto pings = sent<wo::Ping>();
  ASSERT_EQ(pings.size(), 3u);  // at 0, 0.5 and 1 s, and at 1.5 s others are asked
  for (const auto& [to, ping] : pings) EXPECT_EQ(ping.sequence, pings[0].second.sequence);
  // Which of them is answered nobody knows: no round-trip time.
  EXPECT_EQ(detector.on_ack(wo::Ack{pings[0].second.sequence, record_of(1), {}}, now), std::nullopt);
  EXPECT_EQ(detector.awareness(), 1);
}

TEST_F(FailureDetectorTest, OneOfTheDeadIsTriedFromTimeToTime) {
  know(1);
  beliefs.hear(testing::rumour_of(wo::RumourKind::dead, 1, 1000, 2), now);
  out.clear();
  pass(5s);
  const auto pings = sent<wo::Ping>();
  ASSERT_EQ(pings.size(), 1u);
  EXPECT_EQ(pings[0].first, node_id(1));
}

}  // namespace
}  // namespace zel::overlay
