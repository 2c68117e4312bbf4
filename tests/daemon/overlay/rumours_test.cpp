#include "daemon/overlay/rumours.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using testing::node_id;
using wire::overlay::Rumour;
using wire::overlay::RumourKind;

Rumour about(std::uint64_t number, std::uint64_t incarnation = 1) {
  return testing::rumour_of(RumourKind::dead, number, incarnation, 0);
}

TEST(Rumours, ArePassedOnSoOftenAndNoMore) {
  Rumours rumours;
  rumours.add(about(1), 3);
  for (int i = 0; i < 3; ++i) {
    std::vector<Rumour> out;
    rumours.take(6, out);
    EXPECT_EQ(out.size(), 1u);
  }
  std::vector<Rumour> out;
  rumours.take(6, out);
  EXPECT_TRUE(out.empty());
}

TEST(Rumours, TheLeastPassedOnGoesFirst) {
  Rumours rumours;
  rumours.add(about(1), 9);
  std::vector<Rumour> out;
  rumours.take(1, out);
  rumours.add(about(2), 9);
  out.clear();
  rumours.take(1, out);
  EXPECT_EQ(out.front().subject, node_id(2));
}

TEST(Rumours, ALaterOneAboutTheSameNodeReplacesIt) {
  Rumours rumours;
  rumours.add(about(1, 1), 9);
  rumours.add(about(1, 2), 9);
  std::vector<Rumour> out;
  rumours.take(6, out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out.front().incarnation, 2u);
}

TEST(Rumours, AreBoundedAndTheNewestStays) {
  Rumours rumours;
  for (std::uint64_t i = 0; i < 1000; ++i) rumours.add(about(i), 9);
  EXPECT_EQ(rumours.size(), Rumours::capacity);
  std::vector<Rumour> out(30);
  rumours.take(100, out);
  EXPECT_EQ(out.size(), wire::overlay::max_rumours);
  EXPECT_EQ(out[30].subject, node_id(999));
}

}  // namespace
}  // namespace zel::overlay
