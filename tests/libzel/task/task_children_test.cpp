// Why: children must not move, and all must be destroyed, the newest first.
#include "zel/task_children.hpp"

#include <gtest/gtest.h>

namespace zel::detail {
namespace {

TEST(StableList, KeepsAddressesAndOrder) {
  StableList<int> list;
  std::vector<int*> addresses;
  for (int i = 0; i < 1000; ++i) addresses.push_back(&list.emplace_back(i));
  for (std::size_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(&list[i], addresses[i]);
    EXPECT_EQ(list[i], static_cast<int>(i));
  }
}

TEST(StableList, DestroysTheNewestFirst) {
  static std::vector<int> destroyed;
  destroyed.clear();
  struct Item {
    int value;
    explicit Item(int v) : value(v) {}
    ~Item() { destroyed.push_back(value); }
  };
  {
    StableList<Item> list;
    for (int i = 0; i < 20; ++i) list.emplace_back(i);
    list.pop_back();
    EXPECT_EQ(destroyed, (std::vector<int>{19}));
    EXPECT_EQ(list.size(), 19u);
  }
  ASSERT_EQ(destroyed.size(), 20u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(destroyed[static_cast<std::size_t>(i)], 19 - i);
}

}  // namespace
}  // namespace zel::detail
