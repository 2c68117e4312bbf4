#include "links_fixture.hpp"

namespace zel::io {
namespace {

struct LinksLoss : ::testing::Test {
  EventLoop loop;
  RealmKey realm = new_realm_key();
};

TEST_F(LinksLoss, APeerThatDiesAndComesBackIsReachedAgain) {
  LinkedNode a(loop, realm);
  auto b = std::make_unique<LinkedNode>(loop, realm);
  b->listen();
  const LinkKeys keys = b->keys;
  const std::uint16_t port = b->addresses.front().port;
  a.send(*b, "one");
  ASSERT_TRUE(run_until(loop, [&] { return b->heard.size() == 1; }));
  const auto record = b->record();
  b.reset();
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 1; }));
  EXPECT_EQ(a.links->open_links(), 0u);
  LinkedNode again(loop, realm, {}, keys);
  again.listen("127.0.0.1", port);
  a.links->send(record, bytes_of("two"), Delivery::must_arrive);
  EXPECT_TRUE(run_until(loop, [&] { return again.heard_from(a, "two"); }));
}

TEST_F(LinksLoss, AnotherNodeAtTheSamePortIsRefused) {
  LinkedNode a(loop, realm);
  auto b = std::make_unique<LinkedNode>(loop, realm);
  b->listen();
  a.send(*b, "one");
  ASSERT_TRUE(run_until(loop, [&] { return b->heard.size() == 1; }));
  const auto record = b->record();
  b.reset();
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 1; }));
  LinkedNode other(loop, realm);
  other.listen("127.0.0.1", record.addresses.front().port);
  a.links->send(record, bytes_of("not for you"), Delivery::must_arrive);
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 2; }));
  EXPECT_EQ(a.unreachable[1].first, record.id);
  EXPECT_EQ(a.count(LinkCount::wrong_identity), 1u);
  EXPECT_TRUE(other.heard.empty());
  a.send(other, "for you");
  EXPECT_TRUE(run_until(loop, [&] { return other.heard_from(a, "for you"); }));
}

TEST_F(LinksLoss, AVisitorThatDiesIsToldWhenItWasSentTo) {
  LinkedNode open(loop, realm);
  auto hidden = std::make_unique<LinkedNode>(loop, realm);
  open.listen();
  hidden->send(open, "here");
  ASSERT_TRUE(run_until(loop, [&] { return open.heard.size() == 1; }));
  open.send(*hidden, "there");
  ASSERT_TRUE(run_until(loop, [&] { return hidden->heard.size() == 1; }));
  const auto id = hidden->keys.id;
  hidden.reset();
  ASSERT_TRUE(run_until(loop, [&] { return open.unreachable.size() == 1; }));
  EXPECT_EQ(open.unreachable[0].first, id);
  EXPECT_EQ(open.links->open_links(), 0u);
}

struct SlowReader : LinksLoss {
  static LinkLimits small() {
    LinkLimits limits;
    limits.may_drop_bytes = 64 << 10;
    limits.must_arrive_bytes = 4 << 20;
    return limits;
  }
  EventLoop other_loop;  // runs only when told to
  LinkedNode a{loop, realm, small()};
  LinkedNode slow{other_loop, realm};

  /// Runs both loops in turn until `done`.
  template <class Done>
  bool run_both_until(Done done) {
    const base::Time deadline = loop.now() + patience;
    while (!done() && loop.now() < deadline) {
      for (EventLoop* one : {&loop, &other_loop}) {
        one->set_alarm(one->now() + std::chrono::milliseconds(2), [one] { one->stop(); });
        one->run();
      }
    }
    return done();
  }
  void connect() {
    slow.listen();
    a.send(slow, "hello");
    ASSERT_TRUE(run_both_until([&] { return slow.heard.size() == 1; }));
    slow.heard.clear();
  }
  void turn() {
    loop.set_alarm(loop.now(), [this] { loop.stop(); });
    loop.run();
  }
};

TEST_F(SlowReader, GossipIsDroppedAndTheLinkLives) {
  connect();
  const std::string piece(32 << 10, 'g');
  // More than the kernel, ZeroMQ and the queue take together.
  for (int i = 0; i < 2000 && a.count(LinkCount::dropped) < 100; ++i) {
    a.send(slow, piece, Delivery::may_drop);
    turn();
  }
  EXPECT_GE(a.count(LinkCount::dropped), 100u);
  EXPECT_TRUE(a.unreachable.empty());
  a.send(slow, "the end");
  EXPECT_TRUE(run_both_until([&] { return slow.heard_from(a, "the end"); }));
}

TEST_F(SlowReader, AJobsMessagesAreKeptInOrderUpToTheLimit) {
  connect();
  std::string piece(32 << 10, 'j');
  constexpr std::size_t count = 100;
  for (std::size_t i = 0; i < count; ++i) a.send(slow, piece + std::to_string(i));
  ASSERT_TRUE(run_both_until([&] { return slow.heard.size() == count; }));
  for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(slow.heard[i].second, piece + std::to_string(i));
  EXPECT_TRUE(a.unreachable.empty());
}

TEST_F(SlowReader, BeyondTheLimitTheLinkIsBrokenAndTold) {
  connect();
  slow.keeps = false;
  const std::string piece(256 << 10, 'j');
  for (int i = 0; i < 1000 && a.unreachable.empty(); ++i) {
    a.send(slow, piece);
    turn();
  }
  ASSERT_EQ(a.unreachable.size(), 1u);
  EXPECT_EQ(a.count(LinkCount::overflowed), 1u);
  EXPECT_EQ(a.links->open_links(), 0u);
  a.send(slow, "anew");
  slow.keeps = true;
  EXPECT_TRUE(run_both_until([&] { return slow.heard_from(a, "anew"); }));
}

TEST_F(SlowReader, TheSameOverALinkThatThePeerMade) {
  a.listen();
  slow.send(a, "hello");
  ASSERT_TRUE(run_both_until([&] { return a.heard.size() == 1; }));
  const std::string piece(256 << 10, 'j');
  int sent = 0;
  for (; sent < 1000 && a.unreachable.empty(); ++sent) {
    a.send(slow, piece);
    turn();
  }
  ASSERT_EQ(a.unreachable.size(), 1u);
  EXPECT_EQ(a.count(LinkCount::overflowed), 1u);
  // What the broken link still brings is a beginning of what was sent; afterwards the slow one dials anew.
  ASSERT_TRUE(run_both_until([&] {
    slow.send(a, "again", Delivery::may_drop);
    return a.heard_from(slow, "again");
  }));
  EXPECT_LT(slow.heard.size(), static_cast<std::size_t>(sent));
}

TEST_F(LinksLoss, ATooLargeMessageIsNotSent) {
  LinkedNode a(loop, realm), b(loop, realm);
  b.listen();
  const std::size_t most = LinkLimits{}.message_bytes;
  a.send(b, std::string(most + 1, 'x'));
  ASSERT_TRUE(run_until(loop, [&] { return a.unreachable.size() == 1; }));
  EXPECT_EQ(a.count(LinkCount::too_large), 1u);
  a.send(b, std::string(most, 'x'));
  ASSERT_TRUE(run_until(loop, [&] { return b.heard.size() == 1; }));
  EXPECT_EQ(b.heard[0].second.size(), most);
}

}  // namespace
}  // namespace zel::io
