// Why: plans of all positions of a group must fit together, and give the right answer in the right order, for every
// size and root. Here they are played by a dozen lines that know nothing of collective operations.
#include "libzel/message/plan.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace zel::message {
namespace {

using Blocks = std::vector<std::string>;
using Make = std::function<Plan(Place)>;

/// Plays the plans of all positions. Combining is putting side by side, which is associative and not commutative.
/// False: somebody waits for ever, or something is left over.
bool play(const std::vector<Plan>& plans, std::vector<Blocks>& sent_from, std::vector<Blocks>& blocks) {
  const std::size_t size = plans.size();
  std::map<std::pair<std::size_t, std::size_t>, std::deque<Blocks>> ways;
  std::vector<std::size_t> at(size, 0);
  std::vector<bool> sent(size, false);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::size_t me = 0; me < size; ++me) {
      if (at[me] == plans[me].steps.size()) continue;
      const Step& step = plans[me].steps[at[me]];
      if (!sent[me]) {
        for (const Transfer& send : step.sends) {
          const auto first = sent_from[me].begin();
          ways[{me, static_cast<std::size_t>(send.peer)}].emplace_back(first + static_cast<long>(send.first),
                                                                       first + static_cast<long>(send.last));
        }
        sent[me] = moved = true;
      }
      bool all_there = true;
      for (const Transfer& receive : step.receives) {
        all_there = all_there && !ways[{static_cast<std::size_t>(receive.peer), me}].empty();
      }
      if (!all_there) continue;
      for (const Transfer& receive : step.receives) {
        auto& way = ways[{static_cast<std::size_t>(receive.peer), me}];
        if (way.front().size() != receive.last - receive.first) return false;
        for (std::size_t block = receive.first; block < receive.last; ++block) {
          const std::string& theirs = way.front()[block - receive.first];
          std::string& ours = blocks[me][block];
          if (receive.use == Transfer::Use::place) ours = theirs;
          if (receive.use == Transfer::Use::left) ours = theirs + ours;
          if (receive.use == Transfer::Use::right) ours = ours + theirs;
        }
        way.pop_front();
      }
      ++at[me];
      sent[me] = false;
      moved = true;
    }
  }
  for (std::size_t me = 0; me < size; ++me) {
    if (at[me] != plans[me].steps.size()) return false;
  }
  for (const auto& [pair, way] : ways) {
    if (!way.empty()) return false;
  }
  return true;
}

std::string letter(int position) { return "<" + std::to_string(position) + ">"; }

std::vector<Plan> plans_of(int size, const Make& make) {
  std::vector<Plan> plans;
  for (int position = 0; position < size; ++position) plans.push_back(make({position, size}));
  return plans;
}

constexpr int largest = 33;

TEST(Plan, ReductionsCombineEachOnceInOrder) {
  for (int size = 1; size <= largest; ++size) {
    std::string all;
    for (int position = 0; position < size; ++position) all += letter(position);
    std::vector<std::pair<int, Make>> makes{{-1, flat::allreduce}, {-1, tree::allreduce}, {-1, wide::allreduce}};
    for (int root = 0; root < size; ++root) {
      makes.emplace_back(root, [root](Place place) { return flat::reduce(place, root); });
      makes.emplace_back(root, [root](Place place) { return tree::reduce(place, root); });
    }
    for (std::size_t which = 0; which < makes.size(); ++which) {
      const auto plans = plans_of(size, makes[which].second);
      std::vector<Blocks> blocks;
      for (int position = 0; position < size; ++position) {
        EXPECT_EQ(plans[static_cast<std::size_t>(position)].blocks, plans[0].blocks);
        blocks.push_back(Blocks(plans[0].blocks, letter(position)));
      }
      ASSERT_TRUE(play(plans, blocks, blocks)) << size << " plan " << which;
      for (int position = 0; position < size; ++position) {
        if (makes[which].first >= 0 && makes[which].first != position) continue;
        for (const auto& block : blocks[static_cast<std::size_t>(position)]) ASSERT_EQ(block, all) << size << " plan " << which;
      }
    }
  }
}

TEST(Plan, BroadcastsReachAll) {
  for (int size = 1; size <= largest; ++size) {
    for (int root = 0; root < size; ++root) {
      for (std::size_t pieces : {std::size_t{1}, std::size_t{3}, std::size_t{0}}) {
        const auto plans = plans_of(size, [&](Place place) {
          return pieces == 0 ? flat::broadcast(place, root) : tree::broadcast(place, root, pieces);
        });
        std::vector<Blocks> blocks;
        for (int position = 0; position < size; ++position) {
          Blocks own;
          for (std::size_t block = 0; block < plans[0].blocks; ++block) {
            own.push_back(position == root ? std::to_string(block) : "");
          }
          blocks.push_back(own);
        }
        const Blocks expected = blocks[static_cast<std::size_t>(root)];
        ASSERT_TRUE(play(plans, blocks, blocks)) << size << " root " << root;
        for (const auto& own : blocks) ASSERT_EQ(own, expected) << size << " root " << root;
      }
    }
  }
}

TEST(Plan, GatheringsBringEachToItsPlace) {
  for (int size = 1; size <= largest; ++size) {
    std::vector<std::pair<int, Make>> makes{{-1, flat::allgather}, {-1, tree::allgather}, {-1, wide::allgather}};
    for (int root = 0; root < size; ++root) makes.emplace_back(root, [root](Place place) { return flat::gather(place, root); });
    for (std::size_t which = 0; which < makes.size(); ++which) {
      const auto plans = plans_of(size, makes[which].second);
      std::vector<Blocks> blocks(static_cast<std::size_t>(size), Blocks(static_cast<std::size_t>(size)));
      Blocks expected;
      for (int position = 0; position < size; ++position) {
        const auto at = static_cast<std::size_t>(position);
        blocks[at][at] = letter(position);
        expected.push_back(letter(position));
      }
      ASSERT_TRUE(play(plans, blocks, blocks)) << size << " plan " << which;
      for (int position = 0; position < size; ++position) {
        if (makes[which].first < 0 || makes[which].first == position) {
          ASSERT_EQ(blocks[static_cast<std::size_t>(position)], expected) << size << " plan " << which;
        }
      }
    }
  }
}

TEST(Plan, ScatterAndAlltoallBringEachToItsPlace) {
  for (int size = 1; size <= largest; ++size) {
    const auto n = static_cast<std::size_t>(size);
    for (const Make& make : {Make(flat::alltoall), Make(wide::alltoall)}) {
      std::vector<Blocks> given(n, Blocks(n)), taken(n, Blocks(n));
      for (std::size_t from = 0; from < n; ++from) {
        for (std::size_t to = 0; to < n; ++to) given[from][to] = std::to_string(from) + ">" + std::to_string(to);
      }
      ASSERT_TRUE(play(plans_of(size, make), given, taken)) << size;
      for (std::size_t from = 0; from < n; ++from) {
        for (std::size_t to = 0; to < n; ++to) {
          if (from == to) continue;
          ASSERT_EQ(taken[to][from], given[from][to]) << size;
        }
      }
    }
    for (int root = 0; root < size; ++root) {
      std::vector<Blocks> blocks(n, Blocks(n));
      for (std::size_t to = 0; to < n; ++to) blocks[static_cast<std::size_t>(root)][to] = std::to_string(to);
      ASSERT_TRUE(play(plans_of(size, [root](Place place) { return flat::scatter(place, root); }), blocks, blocks));
      for (std::size_t to = 0; to < n; ++to) ASSERT_EQ(blocks[to][to], std::to_string(to)) << size << " root " << root;
    }
  }
}

TEST(Plan, NobodyPassesABarrierThatSomebodyHasNotComeTo) {
  for (int size = 2; size <= largest; ++size) {
    for (const Make& make : {Make(flat::barrier), Make(tree::barrier)}) {
      for (int absent = 0; absent < size; ++absent) {
        auto plans = plans_of(size, make);
        // Who got a message knows what its sender knew.
        for (auto& plan : plans) {
          for (auto& step : plan.steps) {
            for (auto& send : step.sends) send.last = 1;
            for (auto& receive : step.receives) receive = {receive.peer, 0, 1, Transfer::Use::right};
          }
        }
        std::vector<Blocks> blocks;
        for (int position = 0; position < size; ++position) blocks.push_back({letter(position)});
        ASSERT_TRUE(play(plans, blocks, blocks)) << size;
        for (const auto& own : blocks) ASSERT_NE(own[0].find(letter(absent)), std::string::npos) << size;
      }
    }
  }
}

}  // namespace
}  // namespace zel::message
