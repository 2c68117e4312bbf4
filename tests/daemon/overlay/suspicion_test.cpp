#include "daemon/overlay/suspicion.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using namespace std::chrono_literals;
using testing::node_id;
const base::Time start{std::chrono::hours(1)};

TEST(Suspicion, LastsAsTheFormulaSays) {
  const Config config = Config::lan();
  EXPECT_EQ(least_suspicion(config, 5), 3s);
  EXPECT_EQ(least_suspicion(config, 100), 4s);
  EXPECT_EQ(least_suspicion(config, 1000), 6s);
  EXPECT_EQ(Suspicion(config, 100, 1, node_id(1), start).deadline(), start + 24s);
}

TEST(Suspicion, EveryConfirmationByAnotherNodeShortensIt) {
  Suspicion suspicion(Config::lan(), 100, 1, node_id(1), start);
  EXPECT_FALSE(suspicion.confirm(node_id(1)));  // the accuser itself
  EXPECT_TRUE(suspicion.confirm(node_id(2)));
  const base::Time once = suspicion.deadline();
  EXPECT_LT(once, start + 24s);
  EXPECT_GT(once, start + 4s);
  EXPECT_FALSE(suspicion.confirm(node_id(2)));
  EXPECT_TRUE(suspicion.confirm(node_id(3)));
  EXPECT_EQ(suspicion.deadline(), start + 4s);
  EXPECT_FALSE(suspicion.confirm(node_id(4)));  // no more are counted
}

TEST(Suspicion, WhereNobodyCanConfirmItIsShort) {
  EXPECT_EQ(Suspicion(Config::lan(), 3, 1, node_id(1), start).deadline(), start + 3s);
}

TEST(Suspicion, AnImpatientNodeIsNotBelievedByItself) {
  Suspicion suspicion(Config::lan(), 100, 3, node_id(1), start);
  EXPECT_EQ(suspicion.deadline(), start + 72s);
  suspicion.confirm(node_id(2));
  suspicion.confirm(node_id(3));
  EXPECT_EQ(suspicion.deadline(), start + 12s);
}

TEST(Suspicion, TimeThatThisNodeStoodStillDoesNotCount) {
  Suspicion suspicion(Config::lan(), 3, 1, node_id(1), start);
  suspicion.put_off(20s, start + 21s + 3s);
  EXPECT_EQ(suspicion.deadline(), start + 24s);
}

TEST(RumourPasses, GrowWithTheLogarithm) {
  EXPECT_EQ(rumour_passes(Config::lan(), 9), 4u);
  EXPECT_EQ(rumour_passes(Config::lan(), 50), 8u);
  EXPECT_EQ(rumour_passes(Config::lan(), 9999), 16u);
  EXPECT_EQ(rumour_passes(Config::local(), 50), 4u);
}

}  // namespace
}  // namespace zel::overlay
