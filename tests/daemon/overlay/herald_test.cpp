#include "daemon/overlay/herald.hpp"

#include <gtest/gtest.h>

#include "daemon/overlay/beliefs.hpp"
#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
using testing::record_of;
namespace wo = wire::overlay;

class HeraldTest : public ::testing::Test {
 protected:
  void know(std::uint64_t count) {
    for (std::uint64_t i = 1; i <= count; ++i) peers.add(record_of(i), Use::view, now);
  }
  void pass(base::Duration time) {
    const base::Time end = now + time;
    while (herald.next_deadline() <= end) {
      now = std::max(now, herald.next_deadline());
      herald.on_timer(now);
    }
    now = end;
  }
  /// Whom a ping was sent to since last asked, and how many.
  std::map<base::NodeId, int> told() {
    std::map<base::NodeId, int> told;
    for (const Action& action : std::exchange(out, {})) {
      const auto& send = std::get<Send>(action);
      EXPECT_EQ(std::get<wo::Ping>(send.message).sequence, 0u);
      ++told[send.to.id];
    }
    return told;
  }

  Config config = Config::lan();
  PeerRecord self = record_of(0);
  PeerTable peers;
  Actions out;
  base::Time now{std::chrono::hours(1)};
  Herald herald{config, self, peers, out, base::Random(1), now};
};

TEST_F(HeraldTest, ANewcomerIntroducesItselfToEachOnceAndThenIsSilent) {
  know(40);
  pass(1min);
  const auto introduced = told();
  EXPECT_EQ(introduced.size(), 40u);
  for (const auto& [id, times] : introduced) EXPECT_EQ(times, 1);
  EXPECT_EQ(herald.next_deadline(), base::never);
}

TEST_F(HeraldTest, ANewcomerAmongManyTellsAsManyAsItsTimeAllows) {
  know(300);
  pass(1min);
  EXPECT_LE(told().size(), static_cast<std::size_t>(config.introduction_time / config.introduction_interval));
}

TEST_F(HeraldTest, ARefutationIsToldToManyWithinASecond) {
  know(60);
  pass(1min);
  told();
  herald.tell_refutation(record_of(99), now);
  pass(1s);
  const auto heard = told();
  EXPECT_EQ(heard.size(), 33u);
  EXPECT_EQ(heard.count(node_id(99)), 1u);
}

TEST_F(HeraldTest, ADeathIsToldToAFewAtOnce) {
  know(60);
  herald.tell_death(now);
  EXPECT_EQ(told().size(), config.urgent_fan_out);
}

TEST_F(HeraldTest, ManyDeathsAndAccusationsDoNotMakeManyPings) {
  know(60);
  pass(1min);
  told();
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 50; ++i) herald.tell_death(now);
    herald.tell_refutation(record_of(99), now);
    pass(1s);
  }
  int pings = 0;
  for (const auto& [id, times] : told()) pings += times;
  EXPECT_LE(pings, config.urgent_budget + 100 * config.urgent_per_round);
  EXPECT_GE(pings, 100 * config.urgent_per_round);
}

}  // namespace
}  // namespace zel::overlay
