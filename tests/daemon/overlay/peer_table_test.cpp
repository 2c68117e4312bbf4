#include "daemon/overlay/peer_table.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tests/daemon/overlay/small_world.hpp"

namespace zel::overlay {
namespace {

using testing::node_id;
using testing::record_of;
const base::Time start{std::chrono::hours(1)};

TEST(PeerTable, APeerIsForgottenWithItsLastUse) {
  PeerTable peers;
  const auto slot = peers.add(record_of(1), Use::view, start);
  peers.hold(slot, Use::fallback);
  peers.release(slot, Use::view);
  EXPECT_EQ(peers.find(node_id(1)), slot);
  EXPECT_TRUE(peers.members(Use::view).empty());
  peers.release(slot, Use::fallback);
  EXPECT_EQ(peers.find(node_id(1)), PeerTable::none);
  EXPECT_EQ(peers.size(), 0u);
}

/// Beside a map, through additions and removals in random order.
TEST(PeerTable, FindsWhatAMapFinds) {
  PeerTable peers;
  std::map<std::uint64_t, PeerTable::Slot> expected;
  base::Random random(5);
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t number = random.below(300);
    const auto found = expected.find(number);
    if (found == expected.end()) {
      expected[number] = peers.add(record_of(number), Use::view, start);
    } else {
      peers.forget(found->second);
      expected.erase(found);
    }
    const std::uint64_t asked = random.below(300);
    const auto known = expected.find(asked);
    ASSERT_EQ(peers.find(node_id(asked)), known == expected.end() ? PeerTable::none : known->second);
    ASSERT_EQ(peers.size(), expected.size());
    ASSERT_EQ(peers.members(Use::view).size(), expected.size());
  }
}

TEST(PeerTable, IsBounded) {
  PeerTable peers;
  for (std::uint64_t i = 0; i < PeerTable::capacity; ++i)
    ASSERT_NE(peers.add(record_of(i), Use::view, start), PeerTable::none);
  EXPECT_EQ(peers.add(record_of(PeerTable::capacity), Use::view, start), PeerTable::none);
}

}  // namespace
}  // namespace zel::overlay
