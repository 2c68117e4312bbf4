#include "daemon/relay/reachability.hpp"

#include "names.hpp"

namespace zel::relay {
namespace {

using Addresses = std::vector<wire::overlay::Address>;

struct Asking : ::testing::Test {
  Config config;
  Reachability engine{config, base::Random(1)};
  std::vector<Reachability::Ask> asks;

  void ask(double when) { asks = engine.on_timer({id(2), id(3), id(4)}, at(when)); }
  void answer(std::size_t which, bool found, double when) {
    engine.on_answer(asks[which].peer, {asks[which].message.sequence, found ? Addresses{address(1)} : Addresses{}}, at(when));
  }
};

TEST_F(Asking, WhoListensNowhereIsShutWithoutAskingAnybody) {
  engine.set_addresses({}, at(0));
  EXPECT_EQ(engine.verdict(), Verdict::shut);
  EXPECT_EQ(engine.next_deadline(), base::never);
}

TEST_F(Asking, OpenWhenAllFoundIt) {
  engine.set_addresses({address(1)}, at(0));
  ask(0);
  ASSERT_EQ(asks.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) answer(i, true, 1);
  EXPECT_EQ(engine.verdict(), Verdict::open);
  EXPECT_EQ(engine.next_deadline(), at(1) + config.recheck_open);
}

TEST_F(Asking, ShutWhenOneDidNot) {
  engine.set_addresses({address(1)}, at(0));
  ask(0);
  answer(0, true, 1);
  answer(1, true, 1);
  EXPECT_EQ(engine.verdict(), Verdict::unknown);
  answer(2, false, 1);
  EXPECT_EQ(engine.verdict(), Verdict::shut);
}

TEST_F(Asking, SilenceDecidesNothing) {
  engine.set_addresses({address(1)}, at(0));
  ask(0);
  ask(6);
  EXPECT_TRUE(asks.empty());
  EXPECT_EQ(engine.verdict(), Verdict::unknown);
  ask(9);
  EXPECT_EQ(asks.size(), 3u);
}

TEST_F(Asking, WhoWasNotAskedIsNotHeard) {
  engine.set_addresses({address(1)}, at(0));
  ask(0);
  engine.on_answer(id(9), {asks[0].message.sequence, {}}, at(1));
  engine.on_answer(asks[0].peer, {asks[0].message.sequence + 1, {}}, at(1));
  engine.on_answer(asks[0].peer, {asks[0].message.sequence, {address(7)}}, at(1));  // found somebody elsewhere
  answer(0, true, 1);                                                               // and says another thing now
  answer(1, true, 1);
  answer(2, true, 1);
  EXPECT_EQ(engine.verdict(), Verdict::shut);
}

TEST_F(Asking, OtherAddressesAreAskedAboutAtOnce) {
  engine.set_addresses({address(1)}, at(0));
  ask(0);
  for (std::size_t i = 0; i < 3; ++i) answer(i, true, 1);
  engine.set_addresses({address(5)}, at(2));
  ask(2);
  ASSERT_EQ(asks.size(), 3u);
  EXPECT_EQ(asks[0].message.addresses, Addresses{address(5)});
}

}  // namespace
}  // namespace zel::relay
