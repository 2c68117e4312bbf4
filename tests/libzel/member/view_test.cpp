#include "libzel/member/view.hpp"

#include <gtest/gtest.h>

namespace zel::member {
namespace {

using wire::member::EventKind;

TEST(View, AddsUpTheLog) {
  View view;
  view.apply({1, EventKind::joined, 2, "", {}});
  view.apply({2, EventKind::joined, 0, "", {}});
  EXPECT_EQ(view.present(), (std::vector<int>{0, 2}));
  EXPECT_FALSE(view.closed());
  view.apply({3, EventKind::closed, 0, "", {}});
  view.apply({4, EventKind::left, 2, "", {}});
  view.apply({5, EventKind::terminated, 0, "", {}});
  EXPECT_EQ(view.present(), (std::vector<int>{0}));
  EXPECT_TRUE(view.closed());
  EXPECT_TRUE(view.terminated());
  EXPECT_EQ(view.applied(), 5u);
}

TEST(View, WhoIsGoneHoldsNothing) {
  View view;
  view.apply({1, EventKind::joined, 0, "", {}});
  view.apply({2, EventKind::elected, 0, "master", {}});
  EXPECT_EQ(view.holder("master"), 0);
  EXPECT_EQ(view.holder("other"), std::nullopt);
  view.apply({3, EventKind::died, 0, "signal 9", {}});
  EXPECT_EQ(view.holder("master"), std::nullopt);
}

}  // namespace
}  // namespace zel::member
