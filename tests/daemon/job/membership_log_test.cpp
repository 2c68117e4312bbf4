#include "daemon/job/membership_log.hpp"

#include <gtest/gtest.h>

#include <random>

namespace zel::job {
namespace {

using wire::member::EventKind;

std::string word(const wire::member::Event& event) {
  static const char* const names[] = {"joined", "left", "died", "elected", "signalled", "closed", "terminated"};
  std::string text = std::to_string(event.sequence) + ":" + names[static_cast<int>(event.kind)] + "(" +
                     std::to_string(event.rank);
  if (event.kind == EventKind::elected) text += "," + event.text;
  return text + ")";
}

std::string log_of(const MembershipLog& log, std::uint64_t since = 0) {
  std::string words;
  for (const auto& event : log.since(since)) words += (words.empty() ? "" : " ") + word(event);
  return words;
}

TEST(MembershipLog, ClosesWhenAllHaveJoined) {
  MembershipLog log(2);
  EXPECT_TRUE(log.join(1));
  EXPECT_TRUE(log.join(0));
  EXPECT_EQ(log_of(log), "1:joined(1) 2:joined(0) 3:closed(0)");
  EXPECT_EQ(log_of(log, 2), "3:closed(0)");
  EXPECT_EQ(log_of(log, 99), "");
}

TEST(MembershipLog, ARankThatEndsWithoutJoiningDoesNotKeepItOpen) {
  MembershipLog log(2);
  log.ended(1, "exited");
  EXPECT_EQ(log_of(log), "");
  EXPECT_TRUE(log.join(0));
  EXPECT_EQ(log_of(log), "1:joined(0) 2:closed(0)");
}

TEST(MembershipLog, LeavingIsNotDying) {
  MembershipLog log(2);
  EXPECT_TRUE(log.join(0));
  EXPECT_TRUE(log.join(1));
  EXPECT_TRUE(log.leave(0));
  log.ended(0, "exited");
  log.ended(1, "ended by signal 9");
  EXPECT_EQ(log_of(log, 3), "4:left(0) 5:died(1)");
  EXPECT_EQ(log.since(4).at(0).text, "ended by signal 9");
}

TEST(MembershipLog, OneMemberPerRankOnceAndForAll) {
  MembershipLog log(1);
  EXPECT_TRUE(log.join(0));
  EXPECT_FALSE(log.join(0));
  EXPECT_TRUE(log.leave(0));
  EXPECT_FALSE(log.join(0));
  EXPECT_FALSE(log.join(7));
}

TEST(MembershipLog, TheFirstToStandIsElectedAndTheNextFollows) {
  MembershipLog log(3);
  for (const std::uint32_t rank : {0u, 1u, 2u}) EXPECT_TRUE(log.join(rank));
  const auto before = log.last();
  EXPECT_TRUE(log.elect(1, "master"));
  EXPECT_TRUE(log.elect(1, "master"));
  EXPECT_TRUE(log.elect(2, "master"));
  EXPECT_TRUE(log.elect(0, "master"));
  EXPECT_EQ(log_of(log, before), "5:elected(1,master)");
  log.ended(2, "gone");
  log.ended(1, "gone");
  EXPECT_EQ(log_of(log, 5), "6:died(2) 7:died(1) 8:elected(0,master)");
}

TEST(MembershipLog, AnElectionNobodyHoldsIsOpenAgain) {
  MembershipLog log(2);
  EXPECT_TRUE(log.join(0));
  EXPECT_TRUE(log.elect(0, "master"));
  EXPECT_TRUE(log.leave(0));
  EXPECT_TRUE(log.join(1));
  EXPECT_TRUE(log.elect(1, "master"));
  EXPECT_EQ(log_of(log), "1:joined(0) 2:elected(0,master) 3:left(0) 4:joined(1) 5:closed(1) 6:elected(1,master)");
}

TEST(MembershipLog, OnlyMembersMayAsk) {
  MembershipLog log(2);
  EXPECT_TRUE(log.join(0));
  EXPECT_FALSE(log.elect(1, "master"));
  EXPECT_FALSE(log.signal(1, "x", {0}));
  EXPECT_FALSE(log.terminate(1));
  EXPECT_FALSE(log.leave(1));
  EXPECT_FALSE(log.elect(0, ""));
  EXPECT_FALSE(log.elect(0, std::string(257, 'x')));
  EXPECT_FALSE(log.signal(0, std::string(4097, 'x'), {0}));
  EXPECT_EQ(log_of(log), "1:joined(0)");
}

TEST(MembershipLog, ASignalGoesToThoseWhoArePresent) {
  MembershipLog log(3);
  EXPECT_TRUE(log.join(0));
  EXPECT_TRUE(log.join(1));
  EXPECT_TRUE(log.signal(0, "hello", {1, 2, 9}));
  EXPECT_EQ(log.since(2).at(0).to, (std::vector<std::uint32_t>{1}));
  EXPECT_TRUE(log.signal(0, "to nobody", {2}));
  EXPECT_EQ(log.last(), 3u);
}

TEST(MembershipLog, TerminateIsToldOnce) {
  MembershipLog log(2);
  EXPECT_TRUE(log.join(0));
  EXPECT_TRUE(log.join(1));
  EXPECT_TRUE(log.terminate(1));
  EXPECT_TRUE(log.terminate(0));
  EXPECT_EQ(log_of(log, 3), "4:terminated(1)");
}

TEST(MembershipLog, AnyHistoryHasOneHolderPerElectionWhoIsPresent) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    MembershipLog log(8);
    for (int step = 0; step < 200; ++step) {
      const std::uint32_t rank = random() % 8;
      switch (random() % 6) {
        case 0: (void)log.join(rank); break;
        case 1:
          if (random() % 4 == 0) (void)log.leave(rank);
          break;
        case 2:
          if (random() % 4 == 0) log.ended(rank, "x");
          break;
        default: (void)log.elect(rank, random() % 2 ? "a" : "b"); break;
      }
    }
    std::map<std::string, std::uint32_t> holders;
    std::vector<bool> present(8);
    std::uint64_t sequence = 0;
    for (const auto& event : log.since(0)) {
      EXPECT_EQ(event.sequence, ++sequence);
      if (event.kind == EventKind::joined) present[event.rank] = true;
      if (event.kind == EventKind::left || event.kind == EventKind::died) {
        present[event.rank] = false;
        std::erase_if(holders, [&](const auto& entry) { return entry.second == event.rank; });
      }
      if (event.kind == EventKind::elected) {
        EXPECT_TRUE(present[event.rank]);
        EXPECT_FALSE(holders.contains(event.text)) << "two holders at once, seed " << seed;
        holders[event.text] = event.rank;
      }
    }
  }
}

}  // namespace
}  // namespace zel::job
