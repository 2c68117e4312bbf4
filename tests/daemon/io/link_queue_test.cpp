// Why: probes must pass a job's data, and neither may grow without bound.
#include "daemon/io/link_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace zel::io {
namespace {

using Put = LinkQueue::Put;

class LinkQueueTest : public testing::Test {
 protected:
  static base::Bytes of(const std::string& text) {
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
  }
  std::string next() {
    const auto [payload, delivery] = queue_.take_front();
    return std::string(reinterpret_cast<const char*>(payload.data()), payload.size()) + (delivery == Delivery::may_drop ? "?" : "!");
  }

  LinkLimits limits_;
  std::size_t total_bytes_ = 0;
  LinkQueue queue_{limits_, total_bytes_};
};

TEST_F(LinkQueueTest, WhatMayBeDroppedPassesWhatMustArriveAndEachKeepsItsOrder) {
  queue_.put(of("a"), Delivery::must_arrive);
  queue_.put(of("b"), Delivery::must_arrive);
  queue_.put(of("x"), Delivery::may_drop);
  queue_.put(of("y"), Delivery::may_drop);
  EXPECT_EQ(next(), "x?");
  EXPECT_EQ(next(), "y?");
  EXPECT_EQ(next(), "a!");
  EXPECT_EQ(next(), "b!");
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(total_bytes_, 0u);
}

TEST_F(LinkQueueTest, AProbeIsTakenHoweverMuchOfAJobWaits) {
  while (queue_.put(base::Bytes(1 << 20), Delivery::must_arrive) == Put::taken) {
  }
  EXPECT_GT(queue_.bytes(), limits_.must_arrive_bytes / 2);
  EXPECT_EQ(queue_.put(of("probe"), Delivery::may_drop), Put::taken);
  EXPECT_EQ(next(), "probe?");
}

TEST_F(LinkQueueTest, EachLaneHasItsLimit) {
  std::size_t taken = 0;
  while (queue_.put(base::Bytes(1000), Delivery::may_drop) == Put::taken) ++taken;
  EXPECT_LE(taken * 1000, limits_.may_drop_bytes);
  EXPECT_EQ(queue_.put(base::Bytes(1000), Delivery::may_drop), Put::dropped);
  EXPECT_EQ(queue_.put(base::Bytes(1000), Delivery::must_arrive), Put::taken);
  EXPECT_EQ(queue_.put(base::Bytes(limits_.must_arrive_bytes), Delivery::must_arrive), Put::overflowed);
  total_bytes_ += limits_.all_queued_bytes;  // other queues
  EXPECT_EQ(queue_.put(of("x"), Delivery::must_arrive), Put::overflowed);
  total_bytes_ -= limits_.all_queued_bytes;
  queue_.clear();
  EXPECT_EQ(total_bytes_, 0u);
}

}  // namespace
}  // namespace zel::io
