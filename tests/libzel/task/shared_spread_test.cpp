// Why: a shared value reaches every member that lives, whoever dies, and no peer is flooded with it.
#include "libzel/task/shared_spread.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>

namespace zel::task {
namespace {

using namespace std::chrono_literals;

// Two values, less is better; one byte each.
class Fake final : public SharedValues {
 public:
  std::size_t count() const override { return 2; }
  std::uint64_t key(std::size_t index) const override { return 100 + index; }
  std::uint64_t version(std::size_t index) const override { return versions[index]; }
  base::Bytes pack(std::size_t index) const override { return {static_cast<std::byte>(values[index])}; }
  Taken take(std::size_t index, base::ByteView packed) override {
    if (packed.size() != 1) return Taken::malformed;
    const bool better = improve(index, std::to_integer<int>(packed[0]));
    if (meanwhile) meanwhile();
    return better ? Taken::better : Taken::no_better;
  }
  bool improve(std::size_t index, int value) {
    if (value >= values[index]) return false;
    values[index] = value;
    ++versions[index];
    return true;
  }
  std::function<void()> meanwhile;  // what another thread does
  std::array<int, 2> values{255, 255};
  std::array<std::uint64_t, 2> versions{};
};

base::Bytes byte(int value) { return {static_cast<std::byte>(value)}; }
base::Time at(base::Duration since_start) { return base::Time{} + 1h + since_start; }

std::vector<int> who(const std::vector<Tell>& tells) {
  std::vector<int> ranks;
  for (const Tell& tell : tells) ranks.push_back(tell.to);
  return ranks;
}

struct Rank {
  explicit Rank(int rank) : spread({.rank = rank, .interval = 5ms}, values) {}
  Fake values;
  SharedSpread spread;
};

TEST(SharedSpread, TellsItsLifelinesOnceAndNobodyWhatNobodyImproved) {
  Rank rank(0);
  rank.spread.on_members({0, 1, 2, 3, 4});
  EXPECT_FALSE(rank.spread.waits());
  EXPECT_TRUE(rank.spread.take_due(at(0ms)).empty());
  rank.values.improve(1, 9);
  EXPECT_TRUE(rank.spread.waits());
  const auto tells = rank.spread.take_due(at(0ms));
  EXPECT_EQ(who(tells), (std::vector{1, 2, 4}));
  EXPECT_EQ(tells[0].key, 101u);
  EXPECT_EQ(tells[0].value, byte(9));
  EXPECT_FALSE(rank.spread.waits());
  EXPECT_TRUE(rank.spread.take_due(at(1h)).empty());
}

TEST(SharedSpread, APeerIsToldAgainOnceItAnsweredAndTheIntervalIsOver) {
  Rank rank(0);
  rank.spread.on_members({0, 1});
  rank.values.improve(0, 90);
  ASSERT_EQ(rank.spread.take_due(at(0ms)).size(), 1u);
  rank.values.improve(0, 80);
  rank.values.improve(0, 70);
  EXPECT_TRUE(rank.spread.take_due(at(1h)).empty()) << "told twice without an answer";
  EXPECT_EQ(rank.spread.next_deadline(), base::never);
  EXPECT_TRUE(rank.spread.on_answer(1, 100));
  EXPECT_EQ(rank.spread.next_deadline(), at(5ms));
  EXPECT_TRUE(rank.spread.take_due(at(4ms)).empty()) << "told twice within an interval";
  const auto tells = rank.spread.take_due(at(5ms));
  ASSERT_EQ(tells.size(), 1u);
  EXPECT_EQ(tells[0].value, byte(70));
}

TEST(SharedSpread, WhatWasToldIsToldOnButNotBack) {
  Rank rank(1);
  rank.spread.on_members({0, 1, 2, 3});  // lifelines 2 and 3
  EXPECT_TRUE(rank.spread.on_told(2, 100, byte(50)));
  EXPECT_EQ(who(rank.spread.take_due(at(0ms))), (std::vector{3}));
  EXPECT_TRUE(rank.spread.on_told(0, 100, byte(60)));  // no better
  EXPECT_FALSE(rank.spread.waits());
}

TEST(SharedSpread, WhatAThreadImprovedWhileAPeerToldIsToldBack) {
  Rank rank(1);
  rank.spread.on_members({0, 1, 2, 3});
  rank.values.meanwhile = [&] { rank.values.improve(0, 40); };
  EXPECT_TRUE(rank.spread.on_told(2, 100, byte(50)));
  EXPECT_EQ(who(rank.spread.take_due(at(0ms))), (std::vector{2, 3}));
}

TEST(SharedSpread, WhoIsNewAmongTheLifelinesIsToldWhatIsKnown) {
  Rank rank(0);
  rank.spread.on_members({0, 1});
  rank.values.improve(0, 90);
  ASSERT_EQ(rank.spread.take_due(at(0ms)).size(), 1u);
  rank.spread.on_members({0, 1, 5});
  EXPECT_EQ(who(rank.spread.take_due(at(0ms))), (std::vector{5}));
  rank.spread.on_members({0, 5});  // 5 was told
  EXPECT_FALSE(rank.spread.waits());
}

TEST(SharedSpread, NonsenseIsRefused) {
  Rank rank(0);
  rank.spread.on_members({0, 1});
  EXPECT_FALSE(rank.spread.on_told(1, 7, byte(1)));
  EXPECT_FALSE(rank.spread.on_told(1, 100, {}));
  EXPECT_FALSE(rank.spread.on_answer(1, 100)) << "nobody was told";
  EXPECT_FALSE(rank.spread.on_answer(1, 7));
  EXPECT_FALSE(rank.spread.waits());
}

// Members that improve, hear and die at random; channels keep their order, and lose what is on them when an
// end dies.
struct Net {
  explicit Net(int size, unsigned seed) : random(seed) {
    for (int rank = 0; rank < size; ++rank) ranks.push_back(std::make_unique<Rank>(rank));
  }
  int draw(int low, int high) { return std::uniform_int_distribution(low, high)(random); }
  std::vector<int> present() const {
    std::vector<int> list;
    for (int rank = 0; rank < static_cast<int>(ranks.size()); ++rank) {
      if (ranks[static_cast<std::size_t>(rank)]) list.push_back(rank);
    }
    return list;
  }
  void hear_members() {
    for (const int rank : present()) ranks[static_cast<std::size_t>(rank)]->spread.on_members(present());
  }
  void send_due(int rank) {
    for (Tell& tell : ranks[static_cast<std::size_t>(rank)]->spread.take_due(now)) {
      ++messages;
      auto& channel = channels[{rank, tell.to}];
      channel.push_back(std::move(tell));
      longest = std::max(longest, channel.size());
    }
  }
  void deliver(int from, int to) {
    auto& queue = channels[{from, to}];
    if (queue.empty() || !ranks[static_cast<std::size_t>(to)]) return;
    const Tell tell = std::move(queue.front());
    queue.pop_front();
    EXPECT_TRUE(ranks[static_cast<std::size_t>(to)]->spread.on_told(from, tell.key, tell.value));
    Rank* const teller = ranks[static_cast<std::size_t>(from)].get();
    if (teller != nullptr) teller->spread.on_answer(to, tell.key);
  }
  /// Until nothing is on the way and nobody has anything to tell.
  void settle() {
    for (bool moved = true; moved; now += 5ms) {
      moved = false;
      for (const int rank : present()) {
        moved = moved || ranks[static_cast<std::size_t>(rank)]->spread.waits();
        send_due(rank);
      }
      for (auto& [ends, queue] : channels) {
        while (!queue.empty() && ranks[static_cast<std::size_t>(ends.second)])
          deliver(ends.first, ends.second), moved = true;
      }
    }
  }

  std::vector<std::unique_ptr<Rank>> ranks;
  std::map<std::pair<int, int>, std::deque<Tell>> channels;
  std::mt19937 random;
  base::Time now = at(0ms);
  int messages = 0;
  std::size_t longest = 0;
};

TEST(SharedSpread, EverySurvivorKnowsTheBestOfAllSurvivors) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const int size = 2 + static_cast<int>(seed % 20);
    Net net(size, seed);
    net.hear_members();
    for (int step = 0; step < 300; ++step) {
      const auto present = net.present();
      const auto any = [&] {
        return present[static_cast<std::size_t>(net.draw(0, static_cast<int>(present.size()) - 1))];
      };
      const int rank = any();
      switch (net.draw(0, 9)) {
        case 0: net.ranks[static_cast<std::size_t>(rank)]->values.improve(0, net.draw(0, 254)); break;
        case 1: net.ranks[static_cast<std::size_t>(rank)]->values.improve(1, net.draw(0, 254)); break;
        case 2:
          if (present.size() > 2 && net.draw(0, 5) == 0) {
            net.ranks[static_cast<std::size_t>(rank)].reset();
            net.hear_members();
          }
          break;
        case 3: net.now += std::chrono::milliseconds(net.draw(0, 4)); break;
        case 4:
        case 5: net.send_due(rank); break;
        default: net.deliver(any(), rank); break;
      }
    }
    net.settle();
    // One message for each of two values, and one more for a peer that became a lifeline again.
    ASSERT_LE(net.longest, 4u);
    for (const std::size_t index : {0u, 1u}) {
      int best = 255;
      for (const int rank : net.present())
        best = std::min(best, net.ranks[static_cast<std::size_t>(rank)]->values.values[index]);
      for (const int rank : net.present()) {
        ASSERT_EQ(net.ranks[static_cast<std::size_t>(rank)]->values.values[index], best)
            << "seed " << seed << ", rank " << rank;
      }
    }
  }
}

TEST(SharedSpread, AnImprovementCostsAFewMessagesAMember) {
  constexpr int size = 1000;
  Net net(size, 1);
  net.hear_members();
  net.ranks[17]->values.improve(0, 3);
  net.settle();
  for (const auto& rank : net.ranks) ASSERT_EQ(rank->values.values[0], 3);
  EXPECT_LE(net.messages, 10 * size);
}

}  // namespace
}  // namespace zel::task
