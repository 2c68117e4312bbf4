#include "daemon/overlay/gossip_view.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
using testing::record_of;
namespace wo = wire::overlay;

std::vector<PeerRecord> records(std::uint64_t first, std::uint64_t count) {
  std::vector<PeerRecord> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(record_of(first + i));
  return all;
}

class GossipViewTest : public ::testing::Test {
 protected:
  void make(std::vector<Address> bootstrap = {}) {
    view.emplace(config, self, std::move(bootstrap), beliefs, peers, out, base::Random(1), now);
  }
  std::set<base::NodeId> members(Use use) const {
    std::set<base::NodeId> ids;
    for (const auto slot : peers.members(use)) ids.insert(peers[slot].record.id);
    return ids;
  }
  void round() {
    now = std::max(now, view->next_deadline());
    view->on_timer(now);
  }
  /// The requests sent since last asked, by receiver; nobody: to a bootstrap address.
  std::vector<std::pair<base::NodeId, wo::GossipRequest>> requests() {
    std::vector<std::pair<base::NodeId, wo::GossipRequest>> all;
    for (const Action& action : std::exchange(out, {})) {
      if (const auto* send = std::get_if<Send>(&action)) {
        if (const auto* request = std::get_if<wo::GossipRequest>(&send->message))
          all.emplace_back(send->to.id, *request);
      } else if (const auto* bootstrap = std::get_if<SendToAddress>(&action)) {
        all.emplace_back(base::NodeId{}, std::get<wo::GossipRequest>(bootstrap->message));
      }
    }
    return all;
  }
  bool reply(const PeerRecord& from, std::vector<PeerRecord> more = {}) {
    more.insert(more.begin(), from);
    return view->on_reply(from, wo::GossipReply{more, {}}, now);
  }

  Config config = Config::lan();
  PeerRecord self = record_of(0);
  PeerTable peers;
  Actions out;
  Beliefs beliefs{config, self, peers, out};
  base::Time now{std::chrono::hours(1)};
  std::optional<GossipView> view;
};

TEST_F(GossipViewTest, ABeginnerAsksABootstrapAddress) {
  make({{"10.0.0.9", 4000}});
  round();
  const auto asked = requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_TRUE(asked[0].first.is_nobody());
  EXPECT_EQ(asked[0].second.records, std::vector{self});
  EXPECT_TRUE(reply(record_of(1), records(2, 5)));
  EXPECT_EQ(members(Use::view).size(), 6u);
  EXPECT_EQ(members(Use::fallback), std::set{node_id(1)});
}

TEST_F(GossipViewTest, AnAnswerToNothingIsNotUsed) {
  make();
  EXPECT_FALSE(reply(record_of(1), records(2, 5)));
  EXPECT_EQ(peers.size(), 0u);
}

TEST_F(GossipViewTest, AnExchangeIsThirtyRecordsWithItselfFirst) {
  make();
  view->on_request(record_of(1), wo::GossipRequest{records(1, 64), {}}, now);
  out.clear();
  round();
  const auto asked = requests();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].second.records.front(), self);
  EXPECT_GE(asked[0].second.records.size(), 29u);  // the receiver is left out if it was drawn
  EXPECT_LE(asked[0].second.records.size(), 30u);
  std::set<base::NodeId> distinct;
  for (const auto& record : asked[0].second.records) distinct.insert(record.id);
  EXPECT_EQ(distinct.size(), asked[0].second.records.size());
}

TEST_F(GossipViewTest, ThePassiveSideAnswersBeforeItLearns) {
  make();
  view->on_request(record_of(1), wo::GossipRequest{records(1, 10), {}}, now);
  const auto& reply = std::get<wo::GossipReply>(std::get<Send>(out.front()).message);
  EXPECT_EQ(reply.records, std::vector{self});
  EXPECT_EQ(members(Use::view).size(), 10u);
}

TEST_F(GossipViewTest, AFailedExchangeIsTriedOnceWithTheFallbackThenBootstrap) {
  make({{"10.0.0.9", 4000}});
  round();
  reply(record_of(1));  // the only one that ever answered
  view->on_request(record_of(2), wo::GossipRequest{records(2, 60), {}}, now);
  for (int i = 0; i < 100; ++i) {
    out.clear();
    round();
    auto asked = requests();
    ASSERT_EQ(asked.size(), 1u);
    if (asked[0].first.is_nobody() || asked[0].first == node_id(1)) continue;
    now += config.gossip_timeout;
    view->on_timer(now);
    asked = requests();
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_EQ(asked[0].first, node_id(1));
    now += config.gossip_timeout;
    view->on_timer(now);
    const auto last = requests();
    ASSERT_FALSE(last.empty());
    EXPECT_TRUE(last[0].first.is_nobody());
    EXPECT_EQ(members(Use::view).size(), 61u);  // who failed is still there
    EXPECT_EQ(members(Use::fallback), std::set{node_id(1)});
    return;
  }
  FAIL() << "never asked a peer of the view";
}

TEST_F(GossipViewTest, ABrokenLinkFailsTheExchangeAtOnce) {
  make({{"10.0.0.9", 4000}});
  view->on_request(record_of(2), wo::GossipRequest{records(2, 60), {}}, now);
  std::vector<std::pair<base::NodeId, wo::GossipRequest>> asked;
  do {
    out.clear();
    round();
    asked = requests();
  } while (asked.at(0).first.is_nobody());
  view->on_unreachable(asked[0].first, now);
  EXPECT_EQ(requests().size(), 1u);
  EXPECT_EQ(view->failed_exchanges(), 1u);
}

TEST_F(GossipViewTest, TheViewIsBoundedAndNeverHoldsItself) {
  make();
  base::Random random(3);
  for (std::uint64_t i = 0; i < 500; ++i) {
    auto flood = records(1 + random.below(20'000), 60);
    flood.push_back(self);
    view->on_request(flood.front(), wo::GossipRequest{flood, {}}, now);
    out.clear();
    ASSERT_LE(peers.size(), config.view_size);
    ASSERT_EQ(peers.find(self.id), PeerTable::none);
  }
  EXPECT_EQ(members(Use::view).size(), config.view_size);
}

TEST_F(GossipViewTest, TheFallbackIsBoundedAndTheNewestStays) {
  make({{"10.0.0.9", 4000}});
  config.fallback_size = 5;
  for (std::uint64_t i = 1; i < 200; ++i) {
    do {
      out.clear();
      round();
      ASSERT_FALSE(out.empty());
    } while (!reply(record_of(i)));
    ASSERT_LE(members(Use::fallback).size(), 5u);
    ASSERT_TRUE(members(Use::fallback).contains(node_id(i)));
    for (const auto slot : std::vector(peers.members(Use::view).begin(), peers.members(Use::view).end())) {
      peers.release(slot, Use::view);
    }
  }
}

TEST_F(GossipViewTest, TheIntervalStretchesWhileNothingIsLearntAndNewsShortensIt) {
  make();
  view->on_request(record_of(1), wo::GossipRequest{records(1, 1), {}}, now);
  for (int i = 0; i < 12; ++i) {
    round();
    reply(record_of(1));
  }
  EXPECT_EQ(view->interval(), config.settled_gossip_interval);
  view->on_request(record_of(2), wo::GossipRequest{records(2, 1), {}}, now);
  EXPECT_EQ(view->interval(), config.gossip_interval);
  EXPECT_LE(view->next_deadline(), now + config.gossip_interval);
}

TEST_F(GossipViewTest, TheBuriedAreNotTakenIn) {
  make();
  beliefs.hear(testing::rumour_of(wo::RumourKind::dead, 3, 1000, 2), now);
  view->on_request(record_of(1), wo::GossipRequest{records(1, 10), {}}, now);
  EXPECT_EQ(members(Use::view).size(), 9u);
  EXPECT_FALSE(members(Use::view).contains(node_id(3)));
}

TEST_F(GossipViewTest, ANewcomerIsPassedOnOnceAndWithoutHaste) {
  make();
  view->on_request(record_of(1), wo::GossipRequest{records(1, 30), {}}, now);
  EXPECT_EQ(beliefs.rumours().size(), 0u);  // so many are not new: this view is
  for (int i = 0; i < 12; ++i) {
    round();
    reply(record_of(1));
  }
  const base::Duration before = view->interval();
  ASSERT_GT(before, config.gossip_interval);
  view->newcomer(record_of(50), now);
  EXPECT_TRUE(members(Use::view).contains(node_id(50)));
  EXPECT_EQ(beliefs.rumours().size(), 1u);
  EXPECT_EQ(view->interval(), before);  // a stream of them keeps nobody awake
  std::vector<wo::Rumour> said;
  while (beliefs.rumours().size() > 0) beliefs.rumours().take(1, said);
  view->newcomer(record_of(50), now);
  EXPECT_EQ(beliefs.rumours().size(), 0u);
}

TEST_F(GossipViewTest, AFullViewTakesInItsShareOfNewcomers) {
  make();
  for (std::uint64_t i = 0; i < 2; ++i)
    view->on_request(record_of(1), wo::GossipRequest{records(1 + i * 60, 60), {}}, now);
  beliefs.set_network_size(1000);
  std::size_t passed_on = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    view->newcomer(record_of(1000 + i), now);
    std::vector<wo::Rumour> said;
    while (beliefs.rumours().size() > 0) beliefs.rumours().take(1, said);
    passed_on += said.empty() ? 0u : 1u;
    view->newcomer(record_of(1000 + i), now);  // heard again: decided already
    ASSERT_EQ(beliefs.rumours().size(), 0u);
  }
  EXPECT_NEAR(static_cast<double>(passed_on), 100, 40);
  EXPECT_EQ(members(Use::view).size(), config.view_size);
}

TEST_F(GossipViewTest, AStrangerThatMakesItselfKnownIsTakenInEvenIfTheViewIsFull) {
  make();
  for (std::uint64_t i = 0; i < 2; ++i)
    view->on_request(record_of(1), wo::GossipRequest{records(1 + i * 60, 60), {}}, now);
  std::size_t taken = 0;
  for (std::uint64_t i = 0; i < 50; ++i) {
    view->greet(record_of(1000 + i), now);
    taken += members(Use::view).contains(node_id(1000 + i)) ? 1u : 0u;
    ASSERT_LE(members(Use::view).size(), config.view_size);
  }
  EXPECT_GT(taken, 40u);  // one in 101 goes at once
}

TEST(NetworkSize, IsTheMeanGapBetweenSightings) {
  for (const std::size_t nodes : {50u, 1000u}) {
    NetworkSize size;
    base::Random random(nodes);
    std::vector<PeerRecord> all = records(1, nodes);
    EXPECT_EQ(size.perceived(), 0);
    for (int message = 0; message < 2000; ++message) {
      for (std::size_t i = 0; i < 30; ++i) std::swap(all[i], all[i + random.below(all.size() - i)]);
      size.received(std::span(all).first(30), node_id(0));
    }
    EXPECT_NEAR(size.perceived(), static_cast<double>(nodes), 0.1 * static_cast<double>(nodes));
  }
}

}  // namespace
}  // namespace zel::overlay
