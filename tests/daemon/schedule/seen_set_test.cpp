#include "daemon/schedule/seen_set.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/schedule/network.hpp"

namespace zel::schedule {
namespace {

using wire::schedule::SearchId;
constexpr base::Time start{1h};

TEST(SeenSet, eachRoundOfEachSearchIsNewOnce) {
  SeenSet seen(100, 10s);
  const SearchId a{id_of(1), 1};
  EXPECT_TRUE(seen.insert(a, 0, start));
  EXPECT_FALSE(seen.insert(a, 0, start + 1s));
  EXPECT_TRUE(seen.insert(a, 1, start + 1s));
  EXPECT_TRUE(seen.insert({id_of(2), 1}, 0, start + 1s));
  EXPECT_TRUE(seen.insert({id_of(1), 2}, 0, start + 1s));
  EXPECT_TRUE(seen.contains(a, 0));
  EXPECT_EQ(seen.size(), 4u);
}

TEST(SeenSet, whatIsOldIsForgotten) {
  SeenSet seen(100, 10s);
  seen.insert({id_of(1), 1}, 0, start);
  seen.insert({id_of(1), 2}, 0, start + 5s);
  EXPECT_FALSE(seen.insert({id_of(1), 1}, 0, start + 10s - 1ns));
  EXPECT_TRUE(seen.insert({id_of(1), 1}, 0, start + 10s));
  EXPECT_FALSE(seen.insert({id_of(1), 2}, 0, start + 10s));
}

TEST(SeenSet, aFullSetForgetsTheOldestAndNeverGrows) {
  SeenSet seen(50, 1h);
  for (std::uint64_t number = 0; number < 10'000; ++number) {
    EXPECT_TRUE(seen.insert({id_of(1), number}, 0, start));
    EXPECT_LE(seen.size(), 50u);
  }
  EXPECT_FALSE(seen.contains({id_of(1), 9949}, 0));
  for (std::uint64_t number = 9950; number < 10'000; ++number)
    EXPECT_TRUE(seen.contains({id_of(1), number}, 0));
}

}  // namespace
}  // namespace zel::schedule
