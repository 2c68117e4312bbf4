#include "daemon/relay/relay_choice.hpp"

#include "names.hpp"

namespace zel::relay {
namespace {

using wire::relay::Attach;
using wire::relay::Detach;

struct ChoosingRelays : ::testing::Test {
  Config config;
  RelayChoice engine{config};
  std::vector<wire::overlay::PeerRecord> near{open_node(2), open_node(3), open_node(4)};

  std::vector<std::pair<base::NodeId, bool>> said() {  // to whom, and whether it was Attach
    std::vector<std::pair<base::NodeId, bool>> all;
    for (const auto& say : engine.take_says()) all.emplace_back(say.to.id, std::holds_alternative<Attach>(say.message));
    return all;
  }
  void attach_two() {
    engine.want(true, at(0));
    engine.on_timer(near, at(0));
    engine.on_attached(id(2), at(0));
    engine.on_attached(id(3), at(0));
    said();
    engine.take_changed();
  }
};
using Said = std::vector<std::pair<base::NodeId, bool>>;

TEST_F(ChoosingRelays, TheTwoNearestAreAsked) {
  engine.want(true, at(0));
  engine.on_timer(near, at(0));
  EXPECT_EQ(said(), (Said{{id(2), true}, {id(3), true}}));
  EXPECT_FALSE(engine.attached()) << "asked is not attached";
  engine.on_attached(id(3), at(1));
  ASSERT_EQ(engine.relays().size(), 1u);
  EXPECT_TRUE(engine.take_changed());
  EXPECT_FALSE(engine.take_changed());
}

TEST_F(ChoosingRelays, NobodyIsAskedWithoutNeed) {
  engine.on_timer(near, at(0));
  EXPECT_TRUE(said().empty());
  EXPECT_EQ(engine.next_deadline(), base::never);
}

TEST_F(ChoosingRelays, ALostOneIsReplacedAtOnce) {
  attach_two();
  engine.on_lost(id(2), at(5));
  EXPECT_TRUE(engine.take_changed());
  EXPECT_LE(engine.next_deadline(), at(5));
  engine.on_timer(near, at(5));
  EXPECT_EQ(said(), (Said{{id(4), true}}));
}

TEST_F(ChoosingRelays, TheLinksAreKeptByAskingAgain) {
  attach_two();
  engine.on_timer(near, at(20));
  EXPECT_EQ(said(), (Said{{id(2), true}, {id(3), true}}));
}

TEST_F(ChoosingRelays, ASilentOneIsLost) {
  attach_two();
  engine.on_timer(near, at(20));
  engine.on_attached(id(3), at(20));
  said();
  engine.on_timer(near, at(31));
  EXPECT_FALSE(engine.is_relay(id(2)));
  EXPECT_TRUE(engine.is_relay(id(3)));
  EXPECT_EQ(said(), (Said{{id(4), true}}));
}

TEST_F(ChoosingRelays, WhoRefusedIsLeftAlone) {
  engine.want(true, at(0));
  engine.on_timer({open_node(2)}, at(0));
  said();
  engine.on_refused(id(2), at(0));
  engine.on_timer({open_node(2)}, at(30));
  EXPECT_TRUE(said().empty());
  engine.on_timer({open_node(2)}, at(61));
  EXPECT_EQ(said(), (Said{{id(2), true}}));
}

TEST_F(ChoosingRelays, TheyAreToldWhenNotNeededAnyMore) {
  attach_two();
  engine.want(false, at(9));
  EXPECT_EQ(said(), (Said{{id(2), false}, {id(3), false}}));
  EXPECT_FALSE(engine.attached());
  EXPECT_TRUE(engine.take_changed());
}

TEST_F(ChoosingRelays, WhoWasNotAskedIsNoRelay) {
  engine.on_attached(id(4), at(0));
  EXPECT_FALSE(engine.attached());
}

}  // namespace
}  // namespace zel::relay
