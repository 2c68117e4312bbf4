// Why: one search alone, message by message: what it says to whom in each of its states.
#include "daemon/schedule/search.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using namespace wire::schedule;
constexpr base::Time start{1h};

struct Nobody final : Surroundings {
  const PeerRecord& self() const override { return own; }
  std::vector<const PeerRecord*> neighbours() const override { return {}; }
  std::vector<const PeerRecord*> view() const override { return {}; }
  base::Duration distance(const PeerRecord& peer) const override { return peer.version * 1ms; }
  base::Duration distance(const PeerRecord&, const PeerRecord&) const override { return 0ms; }
  PeerRecord own;
};

struct SearchTest : testing::Test {
  SearchTest() { around.own.id = id_of(0); }
  PeerRecord host(std::uint32_t number) {
    PeerRecord record;
    record.id = id_of(number);
    record.version = number;  // its distance
    return record;
  }
  void offer(std::uint32_t from, LeaseNumber lease, std::uint32_t cores) {
    search.on_offer(context, Offer{id, 0, lease, cores, 3000, host(from)}, now);
  }
  void claimed(std::uint32_t from, LeaseNumber lease, bool granted) {
    search.on_claimed(context, id_of(from), Claimed{id, lease, granted, 10'000}, now);
  }
  void to_next_deadline() {
    now = search.next_deadline();
    search.on_timer(context, now);
  }
  /// What it did since, in short: "claim 2:21x2" is of node 2 two cores under lease 21.
  std::string said() {
    std::string text;
    for (const auto& action : std::exchange(actions, {})) {
      if (!text.empty()) text += ", ";
      if (const auto* found = std::get_if<Found>(&action))
        text += "found " + std::to_string(found->grants.size());
      if (std::holds_alternative<NotFound>(action)) text += "not found";
      const auto* send = std::get_if<Send>(&action);
      if (send == nullptr) continue;
      const auto to = std::to_string(send->to.version) + ":";
      if (const auto* r = std::get_if<Request>(&send->message)) text += "ask " + std::to_string(r->round);
      if (const auto* r = std::get_if<Release>(&send->message))
        text += "release " + to + std::to_string(r->lease);
      if (const auto* c = std::get_if<Claim>(&send->message))
        text += "claim " + to + std::to_string(c->lease) + "x" + std::to_string(c->cores);
    }
    return text;
  }
  Config config;
  Nobody around;
  base::Random random{1};
  std::vector<Action> actions;
  SearchContext context{config, around, random, 0, actions};
  base::Time now = start;
  SearchId id{id_of(0), 7};
  Search search{1, id, wanted(4, 5s), config, now};
};

TEST_F(SearchTest, theNearestAreClaimedAndTheRestGivenBack) {
  search.start(context, now);
  EXPECT_EQ(said(), "ask 0");
  offer(3, 31, 2);
  offer(2, 21, 2);
  offer(1, 11, 3);
  EXPECT_EQ(said(), "") << "nearer ones may still come";
  to_next_deadline();
  EXPECT_EQ(said(), "release 3:31, claim 1:11x3, claim 2:21x1");
  claimed(1, 11, true);
  claimed(1, 11, true);
  EXPECT_EQ(said(), "");
  claimed(2, 21, true);
  EXPECT_EQ(said(), "found 2");
  EXPECT_EQ(search.next_deadline(), base::never);
}

TEST_F(SearchTest, anAnswerOfTheWrongNodeOrLeaseIsNone) {
  search.start(context, now);
  offer(1, 11, 4);
  to_next_deadline();
  said();
  claimed(2, 11, true);
  claimed(1, 12, true);
  claimed(1, 12, false);
  EXPECT_EQ(search.state(), Search::State::claiming);
  EXPECT_EQ(said(), "");
}

TEST_F(SearchTest, oneThatIsRefusedGivesAllBackAndAsksAgain) {
  search.start(context, now);
  offer(1, 11, 2);
  offer(2, 21, 2);
  to_next_deadline();
  said();
  claimed(1, 11, true);
  claimed(2, 21, false);
  EXPECT_EQ(said(), "release 1:11, release 2:21");
  EXPECT_EQ(search.state(), Search::State::paused);
  offer(3, 31, 4);
  EXPECT_EQ(said(), "release 3:31") << "nothing is held in a pause";
  to_next_deadline();
  EXPECT_EQ(said(), "ask 1");
}

TEST_F(SearchTest, aClaimIsSentAgainAndThenDoneWithout) {
  search.start(context, now);
  offer(1, 11, 4);
  said();
  to_next_deadline();
  const auto claimed_at = now;
  std::size_t sent = 0;
  for (; search.state() == Search::State::claiming; to_next_deadline()) {
    if (said() == "claim 1:11x4") ++sent;
  }
  EXPECT_EQ(sent, config.claim_attempts);
  EXPECT_EQ(now - claimed_at, config.claim_timeout);
  EXPECT_EQ(said(), "release 1:11");
}

TEST_F(SearchTest, aNewerLeaseOfAHostTakesThePlaceOfTheOld) {
  search.start(context, now);
  said();
  offer(1, 11, 1);
  offer(1, 12, 2);
  EXPECT_EQ(said(), "release 1:11");
  offer(1, 12, 3);
  EXPECT_EQ(said(), "");
}

TEST_F(SearchTest, patienceEndsItInAnyStateButClaiming) {
  search.start(context, now);
  offer(1, 11, 1);
  said();
  std::string last;
  for (int turn = 0; turn < 1000 && search.state() != Search::State::over; ++turn) {
    to_next_deadline();
    last = said();
  }
  EXPECT_EQ(last, "not found");
  EXPECT_EQ(now, start + 5s);
}

}  // namespace
}  // namespace zel::schedule
