#include "daemon/relay/routes.hpp"

#include <set>

#include "names.hpp"

namespace zel::relay {
namespace {

struct ChoosingPaths : ::testing::Test {
  Config config;
  Routes engine{config};
  std::map<base::NodeId, LinkKind> links;
  std::set<base::NodeId> resting;
  wire::overlay::PeerRecord own_relay = open_node(50);
  bool attached = false;
  bool may_be_called = false;

  Routes::Choice choose(const wire::overlay::PeerRecord& peer, double when) {
    Routes::Ground ground;
    ground.link = [this](const base::NodeId& node) { return links[node]; };
    ground.resting = [this](const base::NodeId& node) { return resting.contains(node); };
    if (attached) ground.own_relays = {&own_relay};
    ground.may_be_called = may_be_called;
    ground.self = id(1);
    const auto choice = engine.choose(peer, ground, at(when));
    engine.on_sent(peer.id, choice.rung, choice.relay.id, 10, at(when));
    return choice;
  }
};

TEST_F(ChoosingPaths, ALinkIsUsedWhoeverMadeIt) {
  links[id(2)] = LinkKind::dialled;
  links[id(3)] = LinkKind::visit;
  EXPECT_EQ(choose(open_node(2), 0).rung, Rung::direct);
  EXPECT_EQ(choose(shut_node(3, {9}), 0).rung, Rung::called_back);
}

TEST_F(ChoosingPaths, WhoNamesRelaysIsReachedThroughThemAtOnce) {
  auto peer = shut_node(2, {8, 9});
  peer.addresses = {address(2)};
  may_be_called = true;
  const auto first = choose(peer, 0);
  EXPECT_EQ(first.rung, Rung::relay);
  EXPECT_EQ(first.relay.id, id(8));
  EXPECT_TRUE(first.dial) << "behind it";
  EXPECT_TRUE(first.call_me);
  const auto second = choose(peer, 1);
  EXPECT_EQ(second.rung, Rung::relay);
  EXPECT_FALSE(second.dial || second.call_me) << "not for every message";
  EXPECT_TRUE(choose(peer, 11).dial);
  EXPECT_FALSE(choose(peer, 25).dial) << "less and less often";
}

TEST_F(ChoosingPaths, ARelayWithALinkIsPreferred) {
  links[id(9)] = LinkKind::visit;
  EXPECT_EQ(choose(shut_node(2, {8, 9}), 0).relay.id, id(9));
}

TEST_F(ChoosingPaths, ARelayThatBreaksIsReplacedByTheNextMessage) {
  const auto peer = shut_node(2, {8, 9});
  EXPECT_EQ(choose(peer, 0).relay.id, id(8));
  engine.on_relay_lost(id(8), at(1));
  EXPECT_EQ(choose(peer, 1).relay.id, id(9));
  engine.on_unknown_client(id(9), id(2), at(2));
  EXPECT_EQ(choose(peer, 2).rung, Rung::none);
  EXPECT_EQ(choose(peer, 12).relay.id, id(8)) << "after its rest";
}

TEST_F(ChoosingPaths, WhenNoneOfItsRelaysCanBeDialledOwnOnesPassItOn) {
  attached = true;
  resting = {id(8)};
  const auto choice = choose(shut_node(2, {8}), 0);
  EXPECT_EQ(choice.relay.id, id(50));
  ASSERT_EQ(choice.via.size(), 1u);
  EXPECT_EQ(choice.via[0].relay, id(8));
  EXPECT_EQ(choice.via[0].address, address(8));
}

TEST_F(ChoosingPaths, AnOpenNodeDialledInVainIsReachedThroughOwnRelays) {
  attached = true;
  EXPECT_EQ(choose(open_node(2), 0).rung, Rung::none) << "dial";
  engine.on_unreachable(id(2), "nobody answered", true, at(1));
  EXPECT_EQ(choose(open_node(2), 1).relay.id, id(50));
  EXPECT_TRUE(engine.on_unreachable(id(2), "nobody answered", true, at(2))) << "nobody need be told";
  EXPECT_EQ(choose(open_node(2), 40).rung, Rung::none) << "dialled again";
}

TEST_F(ChoosingPaths, WithNoRelayAtAllItIsToldToBeUnreachable) {
  choose(open_node(2), 0);
  EXPECT_FALSE(engine.on_unreachable(id(2), "nobody answered", false, at(1)));
  ASSERT_EQ(engine.paths().size(), 1u);
  EXPECT_EQ(engine.paths()[0].why_not_direct, "nobody answered");
}

TEST_F(ChoosingPaths, WhatIsRememberedIsBounded) {
  config.paths = 10;
  for (std::uint8_t peer = 100; peer < 200; ++peer) choose(open_node(peer), peer);
  EXPECT_EQ(engine.paths().size(), 10u);
  EXPECT_EQ(engine.paths().front().peer, id(199));
}

}  // namespace
}  // namespace zel::relay
