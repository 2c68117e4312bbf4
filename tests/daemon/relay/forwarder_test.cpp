#include "daemon/relay/forwarder.hpp"

#include "names.hpp"

namespace zel::relay {
namespace {

struct Forwarding : ::testing::Test {
  Config config;
  std::map<base::NodeId, bool> blocked;

  Forwarder::Room room() {
    return [this](const base::NodeId& node) { return !blocked[node]; };
  }
  static base::Bytes message(std::uint8_t from, std::size_t size) { return base::Bytes(size, std::byte{from}); }
};

TEST_F(Forwarding, OneSenderCannotStarveAnother) {
  config.sender_bytes_per_second = 1e12;
  config.sender_burst_bytes = 1e12;
  Forwarder relay(config);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(relay.admit(id(1), open_node(9), message(1, 64 << 10), at(0)));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(relay.admit(id(2), open_node(9), message(2, 1000), at(0)));
  std::size_t bytes_before = 0;
  int small = 0;
  while (small < 3) {
    const auto out = relay.pump(room(), at(0));
    ASSERT_FALSE(out.empty());
    for (const auto& each : out) {
      small += each.message.front() == std::byte{2} ? 1 : 0;
      if (small < 3) bytes_before += each.message.size();
    }
  }
  EXPECT_LE(bytes_before, 2 * config.quantum_bytes + 4096) << "it came first and had a hundred times more";
}

TEST_F(Forwarding, OrderIsKeptForEachSender) {
  Forwarder relay(config);
  for (std::size_t i = 1; i <= 50; ++i) ASSERT_TRUE(relay.admit(id(1), open_node(9), message(1, i), at(0)));
  std::size_t next = 1;
  for (auto out = relay.pump(room(), at(0)); !out.empty(); out = relay.pump(room(), at(0))) {
    for (const auto& each : out) EXPECT_EQ(each.message.size(), next++);
  }
  EXPECT_EQ(next, 51u);
  EXPECT_EQ(relay.queued_bytes(), 0u);
}

TEST_F(Forwarding, WhatHasNoRoomIsRefusedAndCounted) {
  Forwarder relay(config);
  blocked[id(9)] = true;
  std::uint64_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += relay.admit(id(1), open_node(9), message(1, 64 << 10), at(0)) ? 1u : 0u;
    relay.pump(room(), at(0));
    ASSERT_LE(relay.queued_bytes(), config.sender_queue_bytes);
  }
  EXPECT_GT(taken, 100u);
  EXPECT_EQ(relay.counters().refused, 1000 - taken);
  EXPECT_TRUE(relay.admit(id(2), open_node(9), message(2, 1000), at(0))) << "another still has its room";
}

TEST_F(Forwarding, ManySendersTogetherAreBounded) {
  Forwarder relay(config);
  blocked[id(9)] = true;
  for (std::uint8_t sender = 10; sender < 40; ++sender) {
    for (int i = 0; i < 20; ++i) relay.admit(id(sender), open_node(9), message(sender, 1 << 20), at(0));
  }
  EXPECT_LE(relay.queued_bytes(), config.receiver_queue_bytes);
  EXPECT_GT(relay.counters().refused, 0u);
}

TEST_F(Forwarding, ASlowReceiverHoldsNobodyElseUp) {
  Forwarder relay(config);
  blocked[id(8)] = true;
  ASSERT_TRUE(relay.admit(id(1), open_node(8), message(1, 100), at(0)));
  ASSERT_TRUE(relay.admit(id(1), open_node(9), message(1, 100), at(0)));
  const auto out = relay.pump(room(), at(0));
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].to.id, id(9));
}

TEST_F(Forwarding, NobodyGoesFasterThanHisRate) {
  config.sender_bytes_per_second = 100'000;
  config.sender_burst_bytes = 100'000;
  Forwarder relay(config);
  for (int i = 0; i < 1000; ++i) relay.admit(id(1), open_node(9), message(1, 10'000), at(0));
  std::size_t sent = 0;
  base::Time now = at(0);
  while (now < at(10)) {
    const auto out = relay.pump(room(), now);
    for (const auto& each : out) sent += each.message.size();
    if (out.empty()) {
      ASSERT_GT(relay.next_deadline(), now);
      now = relay.next_deadline();
      relay.on_timer(now);
    }
  }
  EXPECT_LE(sent, 1'100'000u + 20'000u);
  EXPECT_GE(sent, 900'000u);
}

TEST_F(Forwarding, ClientsAreBoundedAndForgotten) {
  config.clients = 2;
  Forwarder relay(config);
  EXPECT_TRUE(relay.attach(id(1), at(0)));
  EXPECT_TRUE(relay.attach(id(2), at(0)));
  EXPECT_FALSE(relay.attach(id(3), at(0)));
  EXPECT_TRUE(relay.attach(id(2), at(50)));
  relay.on_timer(at(61));
  EXPECT_FALSE(relay.is_client(id(1)));
  EXPECT_TRUE(relay.is_client(id(2)));
}

TEST_F(Forwarding, WhatWaitsForOneThatWentIsDropped) {
  Forwarder relay(config);
  blocked[id(9)] = true;
  relay.attach(id(9), at(0));
  ASSERT_TRUE(relay.admit(id(1), open_node(9), message(1, 100), at(0)));
  relay.on_lost(id(9));
  EXPECT_EQ(relay.queued_bytes(), 0u);
  EXPECT_EQ(relay.counters().lost, 1u);
  EXPECT_FALSE(relay.is_client(id(9)));
  blocked[id(9)] = false;
  EXPECT_TRUE(relay.pump(room(), at(0)).empty());
}

}  // namespace
}  // namespace zel::relay
