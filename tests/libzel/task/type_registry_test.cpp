// Why: a thief must find the type a victim meant, and two types must never be taken for one another.
#include "libzel/task/type_registry.hpp"

#include <gtest/gtest.h>

#include "tests/libzel/task/example_tasks.hpp"

namespace zel::task {
namespace {

TEST(TypeRegistry, KnowsTheTypesThatAreSpawnedSomewhereBeforeMain) {
  const auto key = detail::task_type_key(typeid(example::Fib).name());
  const detail::TaskType* type = find_task_type(key);
  ASSERT_NE(type, nullptr);
  const auto frame = type->make(pack(example::Fib{1}));
  frame->run();
  EXPECT_EQ(unpack<long>(frame->pack_result()), 1);
  EXPECT_EQ(find_task_type(key + 1), nullptr);
  EXPECT_EQ(colliding_task_types(), std::nullopt);
}

TEST(TypeRegistry, KeysAreTheSameEverywhere) {
  EXPECT_EQ(detail::task_type_key(""), 0xcbf29ce484222325u);
  EXPECT_EQ(detail::task_type_key("a"), 0xaf63dc4c8601ec8cu);
}

TEST(TypeRegistry, TheSameTypeTwiceIsNoCollisionTwoTypesOfOneKeyAre) {
  const detail::TaskType first{42, &typeid(int), nullptr};
  const detail::TaskType again{42, &typeid(int), nullptr};
  const detail::TaskType other{42, &typeid(long), nullptr};
  detail::register_task_type(first);
  detail::register_task_type(again);
  EXPECT_EQ(colliding_task_types(), std::nullopt);
  detail::register_task_type(other);
  EXPECT_NE(colliding_task_types(), std::nullopt);
  detail::unregister_task_type(other);
  EXPECT_EQ(colliding_task_types(), std::nullopt);
  detail::unregister_task_type(first);
  EXPECT_EQ(find_task_type(42), &again);
  detail::unregister_task_type(again);
  EXPECT_EQ(find_task_type(42), nullptr);
}

}  // namespace
}  // namespace zel::task
