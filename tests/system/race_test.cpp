// Two launchers that want the same cores at the same instant: each core goes to one of them, and both end.
#include <gtest/gtest.h>

#include "tests/support/node_group.hpp"

namespace zel::test {
namespace {

TEST(Race, TwoForTheSameCoresAHundredTimes) {
  NodeGroup nodes(4);
  ASSERT_TRUE(nodes.started()) << nodes.log(0);
  ASSERT_TRUE(eventually([&] { return nodes.all_see_all(); }));
  // Each node has one core. A rank holds a directory named after its node; a second rank there at the same time
  // cannot make it, and that is a core claimed twice.
  const std::string held = nodes.temporary() + "/held.";
  const std::string rank = "mkdir " + held + "$ZEL_NODE || exit 77; sleep 0.02; rmdir " + held + "$ZEL_NODE";
  for (int round = 0; round < 100; ++round) {
    Process one(nodes.zrun_words(0, {"-n", "3", "--wait", "60", "sh", "-c", rank}));
    Process other(nodes.zrun_words(round % 3 + 1, {"-n", "3", "--wait", "60", "sh", "-c", rank}));
    const auto first = one.finish(90s);
    const auto second = other.finish(90s);
    ASSERT_EQ(first.status, 0) << "round " << round << ": " << first.err;
    ASSERT_EQ(second.status, 0) << "round " << round << ": " << second.err;
  }
  EXPECT_TRUE(eventually([&] { return nodes.all_idle(); })) << "cores leaked";
}

}  // namespace
}  // namespace zel::test
