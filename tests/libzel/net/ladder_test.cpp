// Why: transcripts of the ladder: what is tried, in which order, and what is learnt from it.
#include <gtest/gtest.h>

#include "libzel/net/ladder.hpp"

namespace zel::net {
namespace {

using namespace std::chrono_literals;
using wire::paths::DialMe;
using wire::paths::Meet;
using wire::paths::Met;
using wire::paths::NotReached;

constexpr int leader = 1;
constexpr int follower = 5;

struct Climber {
  explicit Climber(int rank) : ladder(rank, base::Random(7)) {}

  /// What it did, and the link it is about.
  std::string next() {
    std::string texts;
    for (const auto& action : ladder.take_actions()) {
      if (!texts.empty()) texts += ", ";
      if (const auto* dial = std::get_if<Dial>(&action)) {
        link = dial->link;
        texts += "dial " + std::to_string(dial->rank);
      } else if (const auto* meeting = std::get_if<DialMeeting>(&action)) {
        link = meeting->link;
        texts += meeting->serve ? "meet as server" : "meet as client";
        ports = {meeting->own_port, meeting->port};
      } else if (std::holds_alternative<Abandon>(action)) {
        texts += "abandon";
      } else {
        const auto& word = std::get<Say>(action).word;
        std::visit([&](const auto& said) {
          if constexpr (requires { said.link; }) link = said.link;
        }, word);
        if (const auto* meet = std::get_if<Meet>(&word)) ports.first = meet->port;
        texts += "word " + std::to_string(word.index());
      }
    }
    return texts;
  }
  /// Time passes until something happens.
  std::string wait() {
    now = ladder.next_deadline();
    ladder.on_timer(now);
    return next();
  }

  Ladder ladder;
  base::Time now{1000s};
  std::uint64_t link = 0;
  std::pair<std::uint16_t, std::uint16_t> ports;
};

const std::string dial_me = "word 4";
const std::string not_reached = "word 5";
const std::string meet = "word 6";
const std::string met = "word 7";

TEST(Ladder, TriesRungAfterRungAndThenRests) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  EXPECT_EQ(one.next(), "dial 5");
  EXPECT_EQ(one.wait(), "abandon, " + dial_me);
  EXPECT_EQ(one.wait(), "abandon, " + meet);
  one.ladder.on_word(follower, Met{one.link, 50'000}, one.now);
  const auto own_port = one.ports.first;
  EXPECT_EQ(one.next(), "meet as client");
  EXPECT_EQ(one.ports, std::pair(own_port, std::uint16_t{50'000}));
  EXPECT_EQ(one.wait(), "abandon");
  EXPECT_EQ(one.ladder.climb(follower)->now, Rung::nodes);
  for (const auto& why : one.ladder.climb(follower)->why_not) EXPECT_NE(why, "");
  EXPECT_EQ(one.wait(), "dial 5") << "after a rest";
}

TEST(Ladder, RestsLongerEachTimeUpToMinutes) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  base::Duration longest{};
  base::Time rested = one.now;
  for (int steps = 0; steps < 200; ++steps) {
    const base::Time before = one.now;
    const std::string did = one.wait();
    if (did != "dial 5") continue;
    longest = std::max(longest, one.now - before);
    rested = one.now;
  }
  EXPECT_GT(longest, 3min);
  EXPECT_LE(longest, 375s) << "5 min and a quarter";
  EXPECT_GT(rested, base::Time{1000s});
}

TEST(Ladder, TheNextOnTheSameHostBeginsWithWhatWorked) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.wait();
  EXPECT_TRUE(one.ladder.wants(follower, one.link));
  one.ladder.on_linked(follower, one.link, one.now);
  EXPECT_EQ(one.ladder.climb(follower)->now, Rung::reverse);
  one.ladder.on_contacts(6, "h", one.now);
  EXPECT_EQ(one.next(), dial_me);
  one.ladder.on_contacts(7, "elsewhere", one.now);
  EXPECT_EQ(one.next(), "dial 7");
}

TEST(Ladder, WhatWorkedAndFailsIsForgotten) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.wait();
  one.ladder.on_linked(follower, one.link, one.now);
  one.ladder.on_contacts(6, "h", one.now);
  EXPECT_EQ(one.next(), dial_me);
  one.ladder.on_word(6, NotReached{one.link, "no"}, one.now);
  EXPECT_EQ(one.next(), "abandon, dial 6");
  one.ladder.on_contacts(7, "h", one.now);
  EXPECT_EQ(one.next(), "dial 7");
}

TEST(Ladder, AFailedDialDoesNotWaitForTheClock) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.ladder.on_dial_failed(follower, one.link, "refused", one.now);
  EXPECT_EQ(one.next(), "abandon, " + dial_me);
  EXPECT_EQ(one.ladder.climb(follower)->why_not[0], "refused");
}

TEST(Ladder, OnlyTheLinkOfThePresentStepIsWanted) {
  Climber one(leader);
  EXPECT_FALSE(one.ladder.wants(follower, 1)) << "a stranger";
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  const auto old = one.link;
  one.wait();
  EXPECT_FALSE(one.ladder.wants(follower, old));
  EXPECT_TRUE(one.ladder.wants(follower, one.link));
  one.ladder.on_linked(follower, one.link, one.now);
  EXPECT_FALSE(one.ladder.wants(follower, one.link)) << "there is one";
}

TEST(Ladder, WhoFollowsDoesWhatItIsTold) {
  Climber two(follower);
  two.ladder.on_contacts(leader, "h", two.now);
  EXPECT_EQ(two.next(), "");
  EXPECT_EQ(two.ladder.next_deadline(), base::never);
  two.ladder.on_word(leader, DialMe{9}, two.now);
  EXPECT_EQ(two.next(), "dial 1");
  two.ladder.on_dial_failed(leader, 9, "refused", two.now);
  EXPECT_EQ(two.next(), not_reached);
  two.ladder.on_word(leader, Meet{10, 50'000}, two.now);
  EXPECT_EQ(two.next(), met + ", meet as server");
  EXPECT_EQ(two.ports.second, 50'000);
  EXPECT_EQ(two.wait(), "abandon");
  EXPECT_EQ(two.ladder.next_deadline(), base::never);
}

TEST(Ladder, ALeaderIsNotTold) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.ladder.on_word(follower, DialMe{9}, one.now);
  one.ladder.on_word(follower, Meet{9, 1}, one.now);
  one.ladder.on_word(follower, Met{9, 1}, one.now);
  one.ladder.on_word(follower, NotReached{9, "x"}, one.now);
  EXPECT_EQ(one.next(), "");
}

TEST(Ladder, ALinkThatBreaksIsMadeAgainAfterARest) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.ladder.on_linked(follower, one.link, one.now);
  EXPECT_EQ(one.ladder.next_deadline(), base::never);
  one.ladder.on_lost(follower, one.link, one.now);
  EXPECT_EQ(one.ladder.climb(follower)->now, Rung::nodes);
  const auto rest = one.ladder.next_deadline() - one.now;
  EXPECT_GE(rest, 750ms);
  EXPECT_LE(rest, 1250ms);
  EXPECT_EQ(one.wait(), "dial 5");
}

TEST(Ladder, OfTheGoneNothingIsWanted) {
  Climber one(leader);
  one.ladder.on_contacts(follower, "h", one.now);
  one.next();
  one.ladder.on_gone(follower);
  EXPECT_EQ(one.ladder.next_deadline(), base::never);
  EXPECT_FALSE(one.ladder.wants(follower, one.link));
}

}  // namespace
}  // namespace zel::net
