// Why: work reaches everybody only if the lifeline graph is connected, whoever is missing.
#include "libzel/task/lifelines.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>

namespace zel::task {
namespace {

TEST(Lifelines, OfOneAndTwo) {
  EXPECT_TRUE(lifelines_of(3, {3}).empty());
  EXPECT_EQ(lifelines_of(3, {3, 8}), (std::vector<int>{8}));
  EXPECT_EQ(lifelines_of(8, {3, 8}), (std::vector<int>{3}));
}

TEST(Lifelines, GoAroundAtPowersOfTwo) {
  const std::vector<int> present{0, 1, 2, 4, 5, 7, 9, 11};
  EXPECT_EQ(lifelines_of(9, present), (std::vector<int>{11, 0, 2}));
}

TEST(Lifelines, ReachEverybodyInLogarithmicallyManySteps) {
  for (int size = 2; size <= 70; ++size) {
    std::vector<int> present;
    for (int i = 0; i < size; ++i) present.push_back(3 * i + i % 2);
    const int bound = static_cast<int>(std::bit_width(static_cast<unsigned>(size - 1)));
    std::map<int, int> distance{{present[0], 0}};
    std::vector<int> frontier{present[0]};
    while (!frontier.empty()) {
      std::vector<int> next;
      for (const int rank : frontier) {
        const auto lifelines = lifelines_of(rank, present);
        EXPECT_LE(static_cast<int>(lifelines.size()), bound);
        EXPECT_EQ(std::count(lifelines.begin(), lifelines.end(), rank), 0);
        for (const int to : lifelines) {
          if (distance.emplace(to, distance[rank] + 1).second) next.push_back(to);
        }
      }
      frontier = next;
    }
    EXPECT_EQ(distance.size(), present.size());
    for (const auto& [rank, steps] : distance) EXPECT_LE(steps, bound) << "rank " << rank << " of " << size;
  }
}

}  // namespace
}  // namespace zel::task
