#include "daemon/io/links.hpp"

#include <signal.h>
#include <sys/time.h>

#include "links_fixture.hpp"

namespace zel::io {
namespace {

struct LinksTest : ::testing::Test {
  EventLoop loop;
  RealmKey realm = new_realm_key();
};

struct LinksOn : LinksTest, ::testing::WithParamInterface<const char*> {};

TEST_P(LinksOn, TwoNodesTalkBothWaysAndKnowWhoSpeaks) {
  LinkedNode a(loop, realm), b(loop, realm);
  a.listen(GetParam());
  b.listen(GetParam());
  a.send(b, "hello");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard_from(a, "hello"); }));
  b.send(a, "good day");
  ASSERT_TRUE(run_until(loop, [&] { return a.heard_from(b, "good day"); }));
  EXPECT_EQ(a.links->open_links(), 1u);
  EXPECT_EQ(b.links->open_links(), 1u);
  EXPECT_TRUE(a.unreachable.empty() && b.unreachable.empty());
}
INSTANTIATE_TEST_SUITE_P(Families, LinksOn, ::testing::Values("127.0.0.1", "::1"));

/// A node is told of each keeper that ends, by a signal, whatever it is doing.
TEST_F(LinksTest, SignalsInterruptNothing) {
  struct Storm {
    struct sigaction before {};
    explicit Storm(int every_us) {
      struct sigaction noted {};
      noted.sa_handler = [](int) {};
      ::sigaction(SIGALRM, &noted, &before);
      const itimerval often{{0, every_us}, {0, every_us}};
      ::setitimer(ITIMER_REAL, &often, nullptr);
    }
    ~Storm() {
      const itimerval never{};
      ::setitimer(ITIMER_REAL, &never, nullptr);
      ::sigaction(SIGALRM, &before, nullptr);
    }
  };
  LinkedNode a(loop, realm), b(loop, realm);
  a.listen();
  b.listen();
  a.send(b, "0");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 1; }));
  const Storm storm(50);
  constexpr std::size_t rounds = 1000;
  for (std::size_t round = 1; round <= rounds; ++round) {
    a.send(b, std::to_string(round));
    b.send(a, std::to_string(round));
    if (round % 20 != 0) continue;
    ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == round + 1 && a.heard.size() == round; }));
  }
  for (std::size_t round = 1; round <= rounds; ++round) {
    ASSERT_EQ(b.heard[round].second, std::to_string(round));
    ASSERT_EQ(a.heard[round - 1].second, std::to_string(round));
  }
}

TEST_F(LinksTest, AllInterfacesOfAFamilyAreListenedOn) {
  for (const char* any : {"0.0.0.0", "::"}) {
    LinkedNode a(loop, realm), b(loop, realm);
    b.listen(any);
    ASSERT_FALSE(b.addresses.empty()) << any;
    a.links->send(wire::overlay::Address{"127.0.0.1", b.addresses.front().port}, bytes_of("here"));
    ASSERT_TRUE(run_until(loop, [&] { return b.heard_from(a, "here"); })) << any;
  }
}

TEST_F(LinksTest, WhoDialsIsToldWhereItIsSeen) {
  using Seen = std::vector<std::pair<base::NodeId, std::string>>;
  // The door of all families sees IPv4 in IPv6's form; told is what can be dialled.
  for (const auto& [door, from] : {std::pair("127.0.0.1", "127.0.0.1"), std::pair("::1", "::1"), std::pair("::", "127.0.0.1")}) {
    LinkedNode a(loop, realm), b(loop, realm);
    b.listen(door);
    a.links->send(wire::overlay::Address{from, b.addresses.front().port}, bytes_of("here"));
    ASSERT_TRUE(run_until(loop, [&] { return !a.seen.empty(); })) << door;
    EXPECT_EQ(a.seen, (Seen{{b.keys.id, from}})) << door;
    EXPECT_TRUE(b.seen.empty()) << "b has dialled nobody";
  }
}

TEST_F(LinksTest, ATakenPortIsAnError) {
  LinkedNode a(loop, realm), b(loop, realm);
  a.listen();
  const auto again = b.links->listen(a.addresses.front());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, base::Errc::limit_reached) << again.error().text;
}

TEST_F(LinksTest, ANodeThatDoesNotListenIsReachedOverTheLinkItMade) {
  LinkedNode hidden(loop, realm), open(loop, realm);
  open.listen();
  hidden.send(open, "I am here");
  ASSERT_TRUE(run_until(loop, [&] { return open.heard_from(hidden, "I am here"); }));
  ASSERT_TRUE(hidden.record().addresses.empty());
  open.send(hidden, "found you");
  EXPECT_TRUE(run_until(loop, [&] { return hidden.heard_from(open, "found you"); }));
}

TEST_F(LinksTest, ABootstrapAddressIsEnough) {
  LinkedNode a(loop, realm), b(loop, realm);
  b.listen();
  a.links->send(b.addresses.front(), bytes_of("one"));
  a.links->send(b.addresses.front(), bytes_of("two"));
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 2; }));
  a.links->send(b.addresses.front(), bytes_of("three"));
  a.send(b, "four");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 4; }));
  EXPECT_EQ(b.heard[1].second, "two");
  EXPECT_EQ(b.heard[3].second, "four");
  EXPECT_EQ(a.links->open_links(), 1u);
  EXPECT_EQ(b.links->open_links(), 1u);
}

TEST_F(LinksTest, ANodeDoesNotTalkToItself) {
  LinkedNode a(loop, realm);
  a.listen();
  a.links->send(a.addresses.front(), bytes_of("echo"));
  ASSERT_TRUE(run_until(loop, [&] { return a.count(LinkCount::wrong_identity) == 1; }));
  a.send(a, "echo");
  EXPECT_EQ(a.links->open_links(), 0u);
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(LinksTest, TheFirstOfManyAddressesThatAnswersIsTaken) {
  LinkLimits patient;
  patient.connect = std::chrono::hours(1);  // whoever waited for the bad ones would wait for ever
  LinkedNode a(loop, realm, patient), b(loop, realm);
  b.listen("127.0.0.1").listen("::1");
  auto record = b.record();
  // Nobody there, no route to there, somebody who is not asked for, and the two good ones.
  LinkedNode other(loop, realm);
  other.listen();
  record.addresses.insert(record.addresses.begin(),
                          {{"127.0.0.1", 1}, {"192.0.2.1", 7000}, other.addresses.front()});
  a.links->send(record, bytes_of("quick"), Delivery::must_arrive);
  ASSERT_TRUE(run_until(loop, [&] { return b.heard_from(a, "quick"); }));
  b.send(a, "back");
  ASSERT_TRUE(run_until(loop, [&] { return a.heard_from(b, "back"); }));
  EXPECT_TRUE(a.unreachable.empty() && b.unreachable.empty()) << "a loser of the race was taken for the link";
  EXPECT_TRUE(other.heard.empty());
  EXPECT_EQ(other.links->open_links(), 0u);
}

TEST_F(LinksTest, NobodyAtAnyAddressIsTold) {
  LinkLimits limits;
  limits.connect = std::chrono::milliseconds(300);
  LinkedNode a(loop, realm, limits), b(loop, realm);
  b.addresses = {{"127.0.0.1", 1}};
  a.send(b, "lost");
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 1; }));
  EXPECT_NE(a.unreachable[0].second.find("127.0.0.1:1"), std::string::npos) << a.unreachable[0].second;
  b.addresses = {{"192.0.2.1", 7000}};
  a.send(b, "lost");
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 2; }));
  b.addresses = {};
  a.send(b, "lost");
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 3; }));
  EXPECT_EQ(a.count(LinkCount::unanswered), 3u);
}

TEST_F(LinksTest, MessagesOfOneLinkComeInOrder) {
  LinkedNode a(loop, realm), b(loop, realm);
  b.listen();
  constexpr int count = 5000;
  const auto deliver = [&](LinkedNode& from, LinkedNode& to) {
    to.heard.clear();
    for (int i = 0; i < count; ++i) from.send(to, std::to_string(i));
    ASSERT_TRUE(run_until(loop, [&] { return to.heard.size() == count; }));
    for (int i = 0; i < count; ++i)
      ASSERT_EQ(to.heard[static_cast<std::size_t>(i)].second, std::to_string(i));
  };
  deliver(a, b);  // dialled
  deliver(b, a);  // over the visit
}

TEST_F(LinksTest, BothMayDialAtOnce) {
  for (int round = 0; round < 20; ++round) {
    LinkedNode a(loop, realm), b(loop, realm);
    a.listen();
    b.listen();
    a.send(b, "from a");
    b.send(a, "from b");
    ASSERT_TRUE(run_until(loop, [&] { return a.heard_from(b, "from b") && b.heard_from(a, "from a"); }));
    a.send(b, "more from a");
    b.send(a, "more from b");
    ASSERT_TRUE(
        run_until(loop, [&] { return a.heard_from(b, "more from b") && b.heard_from(a, "more from a"); }));
    ASSERT_TRUE(a.unreachable.empty() && b.unreachable.empty());
  }
}

TEST_F(LinksTest, AnUnusedLinkIsClosedAndMadeAgain) {
  LinkLimits limits;
  limits.idle = std::chrono::milliseconds(50);
  LinkedNode a(loop, realm, limits), b(loop, realm);
  b.listen();
  a.send(b, "one");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 1; }));
  ASSERT_TRUE(run_until(loop, [&] { return a.links->open_links() == 0 && b.links->open_links() == 0; }));
  a.send(b, "two");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 2; }));
  EXPECT_TRUE(a.unreachable.empty() && b.unreachable.empty()) << "closing in peace is no failure";
}

TEST_F(LinksTest, FiftyLinksAndFewerThanThatAllowed) {
  LinkLimits limits;
  limits.dialled_links = 10;
  LinkedNode hub(loop, realm), frugal(loop, realm, limits);
  hub.listen();
  std::vector<std::unique_ptr<LinkedNode>> nodes;
  for (int i = 0; i < 50; ++i) {
    nodes.push_back(std::make_unique<LinkedNode>(loop, realm));
    nodes.back()->listen();
    nodes.back()->send(hub, "to the hub");
  }
  ASSERT_TRUE(run_until(loop, [&] { return hub.heard.size() == 50; }));
  EXPECT_EQ(hub.links->open_links(), 50u);
  for (auto& node : nodes) hub.send(*node, "from the hub");
  ASSERT_TRUE(run_until(loop, [&] {
    return std::all_of(nodes.begin(), nodes.end(),
                       [&](auto& node) { return node->heard_from(hub, "from the hub"); });
  }));
  for (auto& node : nodes) {
    frugal.send(*node, "hello");
    ASSERT_TRUE(run_until(loop, [&] { return node->heard_from(frugal, "hello"); }));
    EXPECT_LE(frugal.links->open_links(), 10u);
  }
  EXPECT_TRUE(frugal.unreachable.empty());
}

TEST_F(LinksTest, WhatIsSaidLastStillGoesOut) {
  LinkedNode a(loop, realm), b(loop, realm);
  b.listen();
  a.send(b, "first");
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 1; }));
  for (int i = 0; i < 20; ++i) a.send(b, "leaving");
  a.links.reset();
  EXPECT_TRUE(run_until(loop, [&] { return b.heard.size() == 21; }));
}

TEST_F(LinksTest, ClosingDoesNotWaitForPeersThatDoNotRead) {
  EventLoop other_loop;
  LinkedNode a(loop, realm), mute(other_loop, realm);
  mute.listen();
  a.send(mute, "before the handshake");
  LinkedNode b(loop, realm), c(loop, realm);
  c.listen();
  b.send(c, std::string(1 << 20, 'x'));
  const base::Time start = loop.now();
  a.links.reset();
  b.links.reset();
  c.links.reset();
  EXPECT_LT(loop.now() - start, patience);
}

}  // namespace
}  // namespace zel::io
