// Why: posts without nodes or threads: what is kept, what is refused, and when credit is given.
#include <gtest/gtest.h>

#include "libzel/net/posts.hpp"

namespace zel::net {
namespace {

using wire::member::Post;
using wire::member::PostCredit;
using wire::member::ToNode;
using Look = Reader::Look;
using Outcome = Writer::Outcome;

constexpr std::size_t window = wire::member::post_window_bytes;
constexpr std::size_t overhead = wire::member::post_overhead_bytes;

Post whole(std::size_t bytes, std::uint32_t tag = 0) {
  return {1, static_cast<std::uint8_t>(RecordKind::whole), 0, tag, bytes, base::Bytes(bytes)};
}

TEST(PostInbox, KeepsOrderAndGivesCreditInQuarters) {
  PostInbox inbox;
  for (std::uint32_t n = 0; n < 4; ++n) EXPECT_TRUE(inbox.put(whole(window / 8 - overhead, n)));
  for (std::uint32_t n = 0; n < 4; ++n) {
    EXPECT_EQ(inbox.front().tag, n);
    EXPECT_EQ(inbox.pop(), n % 2 ? window / 4 : 0);
  }
  EXPECT_TRUE(inbox.empty());
}

TEST(PostInbox, WhatOverrunsTheWindowIsRefusedAndSoIsWhatFollows) {
  PostInbox inbox;
  for (int n = 0; n < 4; ++n) EXPECT_TRUE(inbox.put(whole(max_posted_bytes)));
  EXPECT_FALSE(inbox.put(whole(0)));
  EXPECT_TRUE(inbox.damaged());
  while (!inbox.empty()) inbox.pop();
  EXPECT_FALSE(inbox.put(whole(0))) << "credit does not mend it";
  EXPECT_TRUE(inbox.empty());
}

TEST(PostInbox, WhatWasTakenInCountsUntilCreditIsGiven) {
  PostInbox inbox;
  for (int n = 0; n < 3; ++n) EXPECT_TRUE(inbox.put(whole(max_posted_bytes)));
  EXPECT_TRUE(inbox.put(whole(max_posted_bytes - overhead)));
  EXPECT_TRUE(inbox.put(whole(0)));
  EXPECT_EQ(inbox.pop(), window / 4);
  EXPECT_TRUE(inbox.put(whole(max_posted_bytes)));
  EXPECT_FALSE(inbox.put(whole(0)));
}

TEST(PostInbox, EmptyPostsAreBoundedToo) {
  PostInbox inbox;
  std::size_t taken = 0;
  while (inbox.put(whole(0))) ++taken;
  EXPECT_EQ(taken, window / overhead);
}

TEST(PostInbox, WhenClosedItForgetsEverything) {
  PostInbox inbox;
  inbox.put(whole(4));
  inbox.close();
  EXPECT_TRUE(inbox.put(whole(4)));
  EXPECT_TRUE(inbox.empty() && !inbox.damaged());
}

TEST(PostWindow, IsBoundedAndWillNotTakeTooMuchBack) {
  PostWindow sent;
  for (int n = 0; n < 4; ++n) {
    EXPECT_TRUE(sent.has_room(max_posted_bytes));
    sent.take(max_posted_bytes);
  }
  EXPECT_FALSE(sent.has_room(0));
  EXPECT_TRUE(sent.give_back(overhead));
  EXPECT_TRUE(sent.has_room(0));
  EXPECT_FALSE(sent.has_room(1));
  EXPECT_FALSE(sent.give_back(static_cast<std::uint32_t>(window)));
}

/// Posts of a rank whose node writes down what it is handed.
struct Wired {
  std::vector<ToNode> handed;
  bool node_there = true;
  Posts posts{3, [this](const ToNode& message) {
                if (node_there) handed.push_back(message);
                return node_there;
              }};
  Outcome write(int to, std::size_t bytes) {
    return posts.peer(to)->write(RecordKind::whole, 0, 0, bytes, base::Bytes(bytes));
  }
};

TEST(Posts, ASenderIsToldOfRoomOnlyIfItAsked) {
  Wired wired;
  for (int n = 0; n < 4; ++n) EXPECT_EQ(wired.write(1, max_posted_bytes), Outcome::written);
  EXPECT_EQ(wired.write(1, max_posted_bytes), Outcome::full);
  EXPECT_EQ(wired.write(2, max_posted_bytes), Outcome::written) << "another's window";
  wired.posts.peer(1)->ask_for_room();
  EXPECT_TRUE(wired.posts.credit(1, window / 4));
  EXPECT_EQ(wired.write(1, max_posted_bytes), Outcome::written);
  EXPECT_FALSE(wired.posts.credit(1, window / 4)) << "nobody waits";
  EXPECT_EQ(wired.handed.size(), 6u);
}

TEST(Posts, TooMuchCreditIsDamage) {
  Wired wired;
  wired.posts.credit(1, 1);
  EXPECT_EQ(wired.write(1, 4), Outcome::damaged);
  EXPECT_EQ(wired.write(2, 4), Outcome::written);
}

TEST(Posts, ALostNodeStaysLost) {
  Wired wired;
  wired.node_there = false;
  EXPECT_EQ(wired.write(1, 4), Outcome::unreachable);
  wired.node_there = true;
  EXPECT_EQ(wired.write(2, 4), Outcome::unreachable) << "else what was cut short would be said twice";
  EXPECT_TRUE(wired.handed.empty());
}

TEST(Posts, SendersAreMetOnceAndReadInOrder) {
  Wired wired;
  std::vector<Reader*> found;
  EXPECT_TRUE(wired.posts.deliver(2, whole(max_posted_bytes, 7)));
  EXPECT_TRUE(wired.posts.deliver(2, whole(3, 8)));
  wired.posts.accept_newcomers(found);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]->from(), 2);
  Record record;
  ASSERT_EQ(found[0]->look(record), Look::record);
  EXPECT_EQ(record.tag, 7u);
  EXPECT_EQ(found[0]->look(record), Look::record) << "it stays until it is taken in";
  EXPECT_TRUE(wired.handed.empty()) << "no credit for what is not taken in";
  found[0]->pop();
  ASSERT_EQ(wired.handed.size(), 1u);
  EXPECT_EQ(std::get<PostCredit>(wired.handed[0]).bytes, window / 4);
  ASSERT_EQ(found[0]->look(record), Look::record);
  EXPECT_EQ(record.tag, 8u);
  EXPECT_EQ(record.payload.size(), 3u);
  found[0]->pop();
  EXPECT_EQ(found[0]->look(record), Look::empty);
  wired.posts.deliver(2, whole(1));
  found.clear();
  wired.posts.accept_newcomers(found);
  EXPECT_TRUE(found.empty());
}

TEST(Posts, DamageShowsAfterWhatWasGood) {
  Wired wired;
  std::vector<Reader*> found;
  wired.posts.deliver(1, whole(3));
  Post wrong = whole(3);
  wrong.total_bytes = 4;
  EXPECT_TRUE(wired.posts.deliver(1, std::move(wrong)));
  wired.posts.accept_newcomers(found);
  Record record;
  ASSERT_EQ(found.at(0)->look(record), Look::record);
  found[0]->pop();
  EXPECT_EQ(found[0]->look(record), Look::damaged);
  found[0]->refuse();
  EXPECT_FALSE(wired.posts.deliver(1, whole(3)));
  EXPECT_EQ(found[0]->look(record), Look::empty);
}

}  // namespace
}  // namespace zel::net
