// Why: who may connect to a rank, and as whom it is heard, is decided by keys and by nothing that is said.
#include "driver_ends.hpp"

namespace zel::net {
namespace {

struct Driver : ::testing::Test {
  DriverEnd a, b, c;

  /// Why the dial failed; empty: it got through.
  std::string refused(DriverEnd& from, ConnectionId connection, DriverEnd& to) {
    EXPECT_TRUE(until({&from, &to}, [&] { return from.closed.contains(connection) || from.is_connected(connection); }));
    return from.is_connected(connection) ? "" : from.closed[connection];
  }
};

TEST_F(Driver, WhatComesIsOfTheRankWhoseKeyItIs) {
  a.driver->admit(7, b.driver->key());
  EXPECT_TRUE(gets_through(b, a, 7));
}

TEST_F(Driver, AnswersGoBackOverWhatWasDialled) {
  a.driver->admit(7, b.driver->key());
  const auto dialled = b.dial(3, a);
  ASSERT_TRUE(until({&a, &b}, [&] { return b.is_connected(dialled); }));
  b.driver->send(dialled, framed("ask"));
  ASSERT_TRUE(until({&a, &b}, [&] { return a.heard.size() == 1; }));
  EXPECT_NE(a.driver->send(a.heard_on.front(), framed("answer")), LinkDriver::Sent::no);
  ASSERT_TRUE(until({&a, &b}, [&] { return b.heard.size() == 1; }));
  EXPECT_EQ(b.heard.front(), std::pair(3, text("answer")));
  EXPECT_EQ(b.heard_on.front(), dialled);
}

TEST_F(Driver, AKeyInNoContactIsRefused) {
  a.driver->admit(1, b.driver->key());
  EXPECT_NE(refused(c, c.dial(0, a), a), "");
  EXPECT_TRUE(gets_through(b, a, 1));
  EXPECT_EQ(a.heard.size(), 1u) << "and nothing of the other";
}

TEST_F(Driver, WhoeverAnswersWithAnotherKeyIsNotTheRank) {
  b.driver->admit(0, a.driver->key());
  const auto wrong = a.driver->dial(1, c.driver->key(), "127.0.0.1", b.driver->port());
  EXPECT_NE(refused(a, wrong, b), "");
  EXPECT_TRUE(b.heard.empty());
}

TEST_F(Driver, AKeyThatTwoRanksClaimIsNeithers) {
  a.driver->admit(1, b.driver->key());
  a.driver->admit(2, b.driver->key());
  a.driver->admit(1, b.driver->key());  // nor does saying it again help
  EXPECT_NE(refused(b, b.dial(0, a), a), "");
  a.driver->admit(2, c.driver->key());
  EXPECT_TRUE(gets_through(c, a, 2)) << "with one of its own it is heard";
}

TEST_F(Driver, WhoIsDismissedIsRefused) {
  a.driver->admit(1, b.driver->key());
  a.driver->admit(2, c.driver->key());
  a.driver->dismiss(1);
  EXPECT_NE(refused(b, b.dial(0, a), a), "");
  EXPECT_TRUE(gets_through(c, a, 2));
}

}  // namespace
}  // namespace zel::net
