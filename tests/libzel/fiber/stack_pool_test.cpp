// Why: stacks are few kinds of things: limited, given back to the system, and guarded.
#include <gtest/gtest.h>

#include <cstring>

#include "libzel/fiber/stack_pool.hpp"

namespace zel::fiber {
namespace {

TEST(StackPool, GivesWritableStacksUpToItsLimit) {
  StackPool pool({.stack_bytes = 10'000, .max_stacks = 2, .max_kept = 1});
  const auto first = pool.take();
  const auto second = pool.take();
  ASSERT_TRUE(first && second);
  EXPECT_GE(first->bytes, 10'000u);
  std::memset(first->bottom, 1, first->bytes);
  EXPECT_FALSE(pool.take());
  pool.give_back(*first);
  EXPECT_EQ(pool.in_use(), 1u);
  const auto again = pool.take();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bottom, first->bottom) << "the last used is used again";
  pool.give_back(*again);
  pool.give_back(*second);
  EXPECT_EQ(pool.kept(), 1u) << "no more are kept than the limit says";
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(StackPoolDeathTest, BelowAStackLiesAPageThatFaults) {
  StackPool pool({.stack_bytes = 8192});
  const auto stack = pool.take();
  ASSERT_TRUE(stack);
  EXPECT_DEATH(
      {
        volatile std::byte* const below = stack->bottom - 1;
        *below = std::byte{1};
      },
      "");
  pool.give_back(*stack);
}

}  // namespace
}  // namespace zel::fiber
