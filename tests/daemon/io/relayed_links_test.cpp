// Real sockets on loopback: two nodes that listen nowhere, and relays between them.
#include "daemon/io/relayed_links.hpp"

#include <fstream>

#include "daemon/job/stream.hpp"
#include "links_fixture.hpp"
#include "wire/node.hpp"

namespace zel::io {
namespace {

constexpr auto job_mark = static_cast<std::byte>(wire::node::Protocol::job);

struct RelayedNode : RelayHome {
  using Known = std::vector<RelayedNode*>;

  LinkKeys keys = new_link_keys();
  wire::overlay::PeerRecord record;
  const Known& all;
  std::vector<wire::overlay::PeerRecord> believed;  // about others, and not so
  std::vector<base::Bytes> heard;
  std::size_t heard_bytes = 0;
  relay::SetOutside outside;
  bool keeps = true;
  std::function<void(base::ByteView)> on_heard;
  std::unique_ptr<RelayedLinks> links;

  RelayedNode(EventLoop& loop, const RealmKey& realm, const Known& known, bool listens, relay::Config config = {})
      : all(known) {
    record.id = keys.id;
    record.name = "node";
    links = std::make_unique<RelayedLinks>(loop, LinksSetup{keys, realm, "test", {}, {}}, *this, 1, config);
    if (listens) record.addresses = {links->links().listen({"127.0.0.1", 0}).value()};
    links->on_addresses();
  }
  const wire::overlay::PeerRecord& self() const override { return record; }
  std::vector<wire::overlay::PeerRecord> peers() const override {
    std::vector<wire::overlay::PeerRecord> records;
    for (const auto* node : all) {
      if (node != this && node->links) records.push_back(node->record);
    }
    return records;
  }
  std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const override {
    for (const auto& other : believed) {
      if (other.id == node) return other;
    }
    for (const auto* each : all) {
      if (each->record.id == node) return each->record;
    }
    return std::nullopt;
  }
  void set_relays(std::vector<base::NodeId> relays, std::vector<wire::overlay::Address> addresses) override {
    record.relays = std::move(relays);
    record.relay_addresses = std::move(addresses);
    ++record.version;
  }
  void set_outside(relay::SetOutside known) override { outside = std::move(known); }
  bool on_node_message(const base::NodeId&, base::ByteView message) override {
    heard_bytes += message.size();
    if (keeps) heard.emplace_back(message.begin(), message.end());
    if (on_heard) on_heard(message);
    return true;
  }
  void on_unreachable(const base::NodeId&) override {}
  void send(const RelayedNode& to, base::Bytes message) {
    message.insert(message.begin(), job_mark);
    links->send(to.record, std::move(message), false);
  }
  std::uint64_t count(const std::string& name) const {
    for (const auto& counter : links->counters()) {
      if (counter.name == name) return counter.value;
    }
    ADD_FAILURE() << "no counter " << name;
    return 0;
  }
  bool heard_text(std::string_view text) const {
    return std::any_of(heard.begin(), heard.end(), [&](const auto& each) {
      return base::as_text(base::ByteView(each).subspan(1)) == text;
    });
  }
};

struct Relayed : ::testing::Test {
  EventLoop loop;
  RealmKey realm = new_realm_key();
  RelayedNode::Known known;
  std::vector<std::unique_ptr<RelayedNode>> nodes;

  RelayedNode& add(bool listens, relay::Config config = {}) {
    nodes.push_back(std::make_unique<RelayedNode>(loop, realm, known, listens, config));
    known.push_back(nodes.back().get());
    return *nodes.back();
  }
  bool attached(const RelayedNode& node, std::size_t relays) {
    return run_until(loop, [&] { return node.record.relays.size() == relays; });
  }
};

TEST_F(Relayed, TwoThatListenNowhereExchangeMessagesThroughAThird) {
  add(true);
  RelayedNode& a = add(false);
  RelayedNode& b = add(false);
  ASSERT_TRUE(attached(a, 1) && attached(b, 1));
  a.send(b, bytes_of("hello"));
  b.send(a, bytes_of("good day"));
  EXPECT_TRUE(run_until(loop, [&] { return b.heard_text("hello") && a.heard_text("good day"); }));
  EXPECT_FALSE(a.links->links().has_link(b.keys.id));
}

TEST_F(Relayed, ANodeThatCanBeDialledFindsOutAndAttachesToNobody) {
  RelayedNode& a = add(true);
  RelayedNode& b = add(true);
  a.send(b, bytes_of("hello"));
  ASSERT_TRUE(run_until(loop, [&] { return a.links->relaying().reachability().verdict() == relay::Verdict::open; }));
  EXPECT_TRUE(a.record.relays.empty());
}

TEST_F(Relayed, ANodeThatCannotBeDialledFindsOut) {
  RelayedNode& a = add(true);
  RelayedNode& b = add(true);
  a.record.addresses[0].port = 1;  // where nobody listens, as behind a NAT
  a.links->on_addresses();
  a.send(b, bytes_of("hello"));
  ASSERT_TRUE(run_until(loop, [&] { return a.links->relaying().reachability().verdict() == relay::Verdict::shut; }));
  EXPECT_TRUE(attached(a, 1));
  b.send(a, bytes_of("hello to you"));
  EXPECT_TRUE(run_until(loop, [&] { return a.heard_text("hello to you"); }));
}

TEST_F(Relayed, AnOpenNodeIsCalledBack) {
  add(true);
  RelayedNode& a = add(false);
  ASSERT_TRUE(attached(a, 1));
  RelayedNode& c = add(true);
  c.send(a, bytes_of("hello"));
  ASSERT_TRUE(run_until(loop, [&] { return a.heard_text("hello") && c.links->links().has_link(a.keys.id); }));
  EXPECT_EQ(c.links->links().path(a.keys.id), LinkPath::visit);
}

TEST_F(Relayed, WhatWaitedForADialThatFailsGoesThroughARelay) {
  RelayedNode& r = add(true);
  RelayedNode& a = add(false);
  ASSERT_TRUE(attached(a, 1));
  RelayedNode& c = add(true);
  r.send(c, bytes_of("so that there is a link"));
  ASSERT_TRUE(run_until(loop, [&] { return c.heard.size() == 1; }));
  a.believed = {c.record};
  a.believed[0].addresses[0].port = 1;  // where nobody listens
  base::Bytes message = bytes_of("x first");
  message[0] = job_mark;
  a.links->send(a.believed[0], message, false);
  EXPECT_TRUE(run_until(loop, [&] { return c.heard_text(" first"); }));
}

/// A job's stream over whatever there is, driven as the node drives it.
struct StreamEnd {
  RelayedNode& here;
  RelayedNode& there;
  job::Stream stream;
  std::vector<base::Bytes> received;

  StreamEnd(RelayedNode& own, RelayedNode& other, const wire::job::JobId& job, bool from_primary, base::Time now)
      : here(own), there(other), stream(job, from_primary, {}, now) {}
  void heard(base::ByteView message, base::Time now) {
    const auto segment = wire::node::decode(message);
    ASSERT_TRUE(segment);
    stream.on_segment(std::get<wire::job::Segment>(*segment), now);
    tend(now);
  }
  void tend(base::Time now) {
    if (stream.next_deadline() <= now) stream.on_timer(now);
    while (stream.waiting() != nullptr) received.push_back(stream.take(now));
    for (auto& segment : stream.take_segments()) {
      here.links->send(there.record, wire::node::encode(wire::node::Message(std::move(segment))), false);
    }
  }
};

TEST_F(Relayed, AStreamSurvivesTheDeathOfItsRelay) {
  add(true);
  add(true);
  RelayedNode& a = add(false);
  RelayedNode& b = add(false);
  ASSERT_TRUE(attached(a, 2) && attached(b, 2));
  a.keeps = b.keeps = false;
  const wire::job::JobId job{a.keys.id, 1};
  StreamEnd from(a, b, job, true, loop.now());
  StreamEnd to(b, a, job, false, loop.now());
  a.on_heard = [&](base::ByteView message) { from.heard(message, loop.now()); };
  b.on_heard = [&](base::ByteView message) { to.heard(message, loop.now()); };
  constexpr std::size_t pieces = 512;
  for (std::size_t i = 0; i < pieces; ++i) {
    base::Bytes piece(64u << 10, static_cast<std::byte>(i & 0xff));
    piece[0] = static_cast<std::byte>(i >> 8);
    from.stream.send(std::move(piece), loop.now());
  }
  bool killed = false;
  ASSERT_TRUE(run_until(loop, [&] {
    from.tend(loop.now());
    to.tend(loop.now());
    if (!killed && to.received.size() > pieces / 4) {
      killed = true;
      const auto used = a.links->relaying().routes().paths().front();
      EXPECT_EQ(used.rung, relay::Rung::relay);
      for (auto* node : known) {
        if (node->keys.id == used.relay) node->links.reset();  // as killed with -9: no word to anybody
      }
    }
    return to.received.size() == pieces || from.stream.broken() || to.stream.broken();
  }));
  ASSERT_TRUE(killed);
  ASSERT_EQ(to.received.size(), pieces) << from.stream.broken().value_or("") << to.stream.broken().value_or("");
  for (std::size_t i = 0; i < pieces; ++i) {
    ASSERT_EQ(to.received[i].back(), static_cast<std::byte>(i & 0xff)) << i;
    ASSERT_EQ(to.received[i].front(), static_cast<std::byte>(i >> 8)) << i;
  }
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t pages = 0;
  statm >> pages >> pages;
  return pages * 4096;
}

TEST_F(Relayed, AFloodLeavesTheRelaysMemoryBounded) {
  relay::Config slow;
  slow.sender_bytes_per_second = 1 << 20;
  slow.sender_burst_bytes = 1 << 20;
  slow.sender_queue_bytes = 2u << 20;
  RelayedNode& r = add(true, slow);
  RelayedNode& a = add(false);
  RelayedNode& b = add(false);
  ASSERT_TRUE(attached(a, 1) && attached(b, 1));
  b.keeps = false;
  [[maybe_unused]] const std::size_t before = resident_bytes();
  std::size_t sent = 0;
  std::size_t most = 0;
  ASSERT_TRUE(run_until(loop, [&] {
    for (int i = 0; i < 8 && sent < 2000; ++i, ++sent) a.send(b, base::Bytes(64u << 10));
    const auto& forwarder = r.links->relaying().forwarder();
    most = std::max(most, forwarder.queued_bytes() + r.links->links().queued_bytes(b.keys.id));
    return forwarder.counters().refused + forwarder.counters().forwarded >= 1500 &&
           a.links->links().queued_bytes(r.keys.id) < (8u << 20);
  }));
  EXPECT_GT(most, 1u << 20) << "nothing waited: this shows nothing";
  EXPECT_LE(most, slow.sender_queue_bytes + relay::Config{}.link_backlog_bytes + (1u << 20));
  EXPECT_GT(r.count("relay_refused"), 1000u);
#ifndef __SANITIZE_ADDRESS__  // it keeps up to 256 MiB of what was freed
  EXPECT_LT(resident_bytes(), before + (64u << 20)) << "of 125 MiB that were sent, all nodes together";
#endif
}

TEST_F(Relayed, WhatARelayMakesUpIsRefused) {
  RelayedNode& r = add(true);
  RelayedNode& a = add(false);
  RelayedNode& b = add(false);
  ASSERT_TRUE(attached(a, 1) && attached(b, 1));
  const auto from_relay = [&](const wire::relay::Message& message) {
    auto bytes = wire::relay::encode(message);
    bytes.insert(bytes.begin(), static_cast<std::byte>(wire::node::Protocol::relay));
    r.links->links().send(a.record, std::move(bytes), Delivery::must_arrive);
  };
  Seal own(r.keys, 1);
  const auto seal = own.seal(a.keys.id, bytes_of("\x03I am b"), loop.now());
  from_relay(wire::relay::Forwarded{b.keys.id, seal});
  from_relay(wire::relay::Forwarded{b.keys.id, base::Bytes(100)});
  Seal of_b(b.keys, 1);
  const auto once = of_b.seal(a.keys.id, bytes_of("\x03once"), loop.now());
  from_relay(wire::relay::Forwarded{b.keys.id, once});
  from_relay(wire::relay::Forwarded{b.keys.id, once});
  ASSERT_TRUE(run_until(loop, [&] { return a.count("relay_seals_refused") == 3; }));
  EXPECT_EQ(a.heard.size(), 1u);
  from_relay(wire::relay::Forwarded{b.keys.id, base::Bytes(3)});
  EXPECT_TRUE(run_until(loop, [&] { return a.count("links_senseless") == 1; }));
}

TEST_F(Relayed, TheLargestMessagePasses) {
  add(true);
  RelayedNode& a = add(false);
  RelayedNode& b = add(false);
  ASSERT_TRUE(attached(a, 1) && attached(b, 1));
  a.send(b, base::Bytes(wire::relay::max_message_bytes - 1));
  EXPECT_TRUE(run_until(loop, [&] { return b.heard_bytes == wire::relay::max_message_bytes; }));
  a.send(b, base::Bytes(wire::relay::max_message_bytes + 1));
  a.send(b, bytes_of("after it"));
  EXPECT_TRUE(run_until(loop, [&] { return b.heard_text("after it"); }));
  EXPECT_EQ(b.heard.size(), 2u) << "what is too large is not sent";
}

}  // namespace
}  // namespace zel::io
