// A peer that cannot be reached is not dialled for every message to it.
#include <netinet/in.h>
#include <sys/socket.h>

#include "links_fixture.hpp"

namespace zel::io {
namespace {

struct LinksRest : ::testing::Test {
  EventLoop loop;
  RealmKey realm = new_realm_key();
  LinkedNode node{loop, realm};
  LinkedNode peer{loop, realm};
  LinksRest() { peer.addresses = {nobodys_address()}; }

  /// Held, so that nobody else listens there, and not listened on.
  wire::overlay::Address nobodys_address() {
    held_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    EXPECT_EQ(::bind(held_.get(), reinterpret_cast<const sockaddr*>(&own), size), 0);
    EXPECT_EQ(::getsockname(held_.get(), reinterpret_cast<sockaddr*>(&own), &size), 0);
    return {"127.0.0.1", ntohs(own.sin_port)};
  }
  void find_it_unreachable() {
    node.unreachable.clear();
    node.send(peer, "hello?");
    ASSERT_TRUE(run_until(loop, [&] { return node.told_unreachable(peer); }));
    node.unreachable.clear();
  }

 private:
  base::UniqueFd held_;
};

TEST_F(LinksRest, ItIsDialledOnceAndThenGivenRest) {
  find_it_unreachable();
  ASSERT_EQ(node.count(LinkCount::unanswered), 1u);
  for (int i = 0; i < 100; ++i) node.send(peer, "gossip", Delivery::may_drop);
  EXPECT_EQ(node.count(LinkCount::unreached), 100u);
  node.send(peer, "important");
  ASSERT_TRUE(run_until(loop, [&] { return !node.unreachable.empty(); })) << "at once, not after the rest";
  EXPECT_EQ(node.unreachable.size(), 1u) << "gossip alone tells nobody";
  EXPECT_EQ(node.count(LinkCount::unanswered), 1u) << "it was dialled again";
}

/// An address that answers nothing at all, as behind a firewall: a listener whose queue is full.
struct SilentAddress {
  base::UniqueFd listener;
  std::vector<base::UniqueFd> fill;
  wire::overlay::Address address;

  SilentAddress() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    listener.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&own), size), 0);
    EXPECT_EQ(::listen(listener.get(), 0), 0);
    EXPECT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&own), &size), 0);
    for (int i = 0; i < 4; ++i) {
      fill.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      ::connect(fill.back().get(), reinterpret_cast<const sockaddr*>(&own), size);
    }
    address = {"127.0.0.1", ntohs(own.sin_port)};
  }
};

TEST_F(LinksRest, ConnectionsThatNeverCameDoNotMakeItDeaf) {
  const SilentAddress silent;
  LinkLimits limits;
  limits.connect = std::chrono::milliseconds(20);
  LinkedNode caller(loop, realm, limits);
  for (int i = 0; i < 20; ++i) {
    LinkedNode firewalled(loop, realm);
    firewalled.addresses = {silent.address};
    caller.send(firewalled, "hello?");
    ASSERT_TRUE(run_until(loop, [&] { return caller.told_unreachable(firewalled); })) << i;
  }
  caller.listen();
  peer.addresses.clear();
  peer.listen();
  peer.send(caller, "do you hear me?");
  EXPECT_TRUE(run_until(loop, [&] { return caller.heard_from(peer, "do you hear me?"); }));
}

TEST_F(LinksRest, OtherAddressesAreTriedAtOnce) {
  find_it_unreachable();
  peer.addresses.clear();
  peer.listen();
  node.send(peer, "found");
  EXPECT_TRUE(run_until(loop, [&] { return peer.heard_from(node, "found"); }));
}

TEST_F(LinksRest, WhenItCallsItIsAnswered) {
  find_it_unreachable();
  node.listen();
  peer.send(node, "here I am");
  ASSERT_TRUE(run_until(loop, [&] { return node.heard_from(peer, "here I am"); }));
  node.send(peer, "good");
  EXPECT_TRUE(run_until(loop, [&] { return peer.heard_from(node, "good"); }));
  peer.links.reset();
  ASSERT_TRUE(run_until(loop, [&] { return !node.has_link_to(peer); }));
  find_it_unreachable();
  EXPECT_EQ(node.count(LinkCount::unanswered), 2u) << "since it called it was worth a try";
}

TEST_F(LinksRest, ItIsTriedAgainAfterTheRest) {
  LinkLimits hasty;
  hasty.first_redial = hasty.last_redial = std::chrono::milliseconds(20);
  LinkedNode stubborn(loop, realm, hasty);
  EXPECT_TRUE(run_until(loop, [&] {
    stubborn.send(peer, "hello?", Delivery::may_drop);
    return stubborn.count(LinkCount::unanswered) >= 3;
  }));
  EXPECT_GE(stubborn.count(LinkCount::unreached), 3u);
}

TEST_F(LinksRest, PayloadsThatMakeNoSenseAreCounted) {
  node.listen();
  node.makes_sense = false;
  for (int i = 0; i < 100; ++i) peer.send(node, "\x7f");
  ASSERT_TRUE(run_until(loop, [&] { return node.heard.size() == 100; }));
  EXPECT_EQ(node.count(LinkCount::senseless), 100u);
  EXPECT_LE(node.logged.size(), 10u);
  EXPECT_GE(node.logged.size(), 1u);
  EXPECT_EQ(node.links->open_links(), 1u);
}

}  // namespace
}  // namespace zel::io
