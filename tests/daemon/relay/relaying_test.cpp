// A few nodes on a table: what one sends over a link, the other hears at once; who listens nowhere cannot be dialled.
#include "daemon/relay/relaying.hpp"

#include <algorithm>
#include <deque>

#include "names.hpp"
#include "wire/node.hpp"

namespace zel::relay {
namespace {

struct Table;

struct Node : Surroundings {
  Table& table;
  wire::overlay::PeerRecord record;
  std::map<base::NodeId, LinkKind> links;
  std::vector<std::pair<base::NodeId, std::string>> heard;
  std::vector<base::NodeId> unreachable;
  bool tampers = false;  // as a relay
  std::unique_ptr<Relaying> engine;

  Node(Table& on, wire::overlay::PeerRecord own) : table(on), record(std::move(own)) {
    engine = std::make_unique<Relaying>(Config{}, *this, base::Random(record.id.bytes[0]), at(0));
  }
  const wire::overlay::PeerRecord& self() const override { return record; }
  std::vector<wire::overlay::PeerRecord> peers() const override;
  std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const override;
  LinkKind link(const base::NodeId& node) const override {
    const auto found = links.find(node);
    return found == links.end() ? LinkKind::none : found->second;
  }
  bool resting(const base::NodeId&) const override { return false; }
  std::size_t backlog(const base::NodeId&) const override { return 0; }
  // Whose it is, for whom, what: enough to see what the engine does with a broken one.
  base::Bytes seal(const base::NodeId& to, base::ByteView message) override {
    base::Bytes sealed(wire::relay::seal_bytes, std::byte{0});
    sealed[0] = static_cast<std::byte>(record.id.bytes[0]);
    sealed[1] = static_cast<std::byte>(to.bytes[0]);
    sealed.insert(sealed.end(), message.begin(), message.end());
    return sealed;
  }
  base::Result<base::Bytes> open(const base::NodeId& from, base::ByteView sealed, base::Time) override {
    if (sealed[0] != static_cast<std::byte>(from.bytes[0]) || sealed[1] != static_cast<std::byte>(record.id.bytes[0])) {
      return base::fail(base::Errc::refused, "forged");
    }
    const auto message = sealed.subspan(wire::relay::seal_bytes);
    return base::Bytes(message.begin(), message.end());
  }
  bool heard_text(const std::string& text) const {
    return std::any_of(heard.begin(), heard.end(), [&](const auto& each) { return each.second == text; });
  }
};

struct Table {
  std::map<base::NodeId, std::unique_ptr<Node>> nodes;
  double clock = 0;

  Node& add(wire::overlay::PeerRecord record) {
    const auto number = record.id;
    return *(nodes[number] = std::make_unique<Node>(*this, std::move(record)));
  }
  base::Time now() const { return at(clock); }
  bool connect(Node& from, const base::NodeId& to, const std::vector<wire::overlay::Address>& addresses) {
    if (from.link(to) != LinkKind::none) return true;
    const auto found = nodes.find(to);
    if (found == nodes.end() || addresses.empty() || found->second->record.addresses != addresses) return false;
    from.links[to] = LinkKind::dialled;
    found->second->links[from.record.id] = LinkKind::visit;
    return true;
  }
  bool turn(Node& node) {
    auto actions = node.engine->take_actions(now());
    for (auto& action : actions) carry_out(node, action);
    return !actions.empty();
  }
  void carry_out(Node& node, Action& action) {
    if (auto* send = std::get_if<SendOnLink>(&action)) {
      if (!connect(node, send->to.id, send->to.addresses)) {
        return node.engine->on_unreachable(send->to.id, "cannot be dialled", now());
      }
      arrive(*nodes.at(send->to.id), node.record.id, send->message);
    } else if (auto* dial = std::get_if<Dial>(&action)) {
      if (!connect(node, dial->to.id, dial->to.addresses)) node.engine->on_unreachable(dial->to.id, "cannot be dialled", now());
    } else if (auto* probe = std::get_if<Probe>(&action)) {
      const auto& there = nodes.at(probe->peer)->record.addresses;
      node.engine->on_probed(probe->peer, probe->sequence, there == probe->addresses ? there : std::vector<wire::overlay::Address>{});
    } else if (auto* deliver = std::get_if<Deliver>(&action)) {
      node.heard.emplace_back(deliver->from, base::as_text(base::ByteView(deliver->message).subspan(1)));
    } else if (auto* gone = std::get_if<TellUnreachable>(&action)) {
      node.unreachable.push_back(gone->peer);
    } else {
      node.record.relays.clear();
      node.record.relay_addresses.clear();
      for (const auto& via : std::get<SetRelays>(action).relays) {
        node.record.relays.push_back(via.relay);
        node.record.relay_addresses.push_back(via.address);
      }
      ++node.record.version;
    }
  }
  void arrive(Node& node, const base::NodeId& from, const base::Bytes& message) {
    if (message.front() == static_cast<std::byte>(wire::node::Protocol::relay)) {
      EXPECT_TRUE(node.engine->on_message(from, base::ByteView(message).subspan(1), now()));
    } else {
      node.heard.emplace_back(from, base::as_text(base::ByteView(message).subspan(1)));
    }
  }
  void settle() {
    for (bool more = true; more;) {
      more = false;
      for (auto& [number, node] : nodes) more = turn(*node) || more;
    }
  }
  void pass(double seconds) {
    const double until = clock + seconds;
    for (; clock < until; clock += 1) {
      for (auto& [number, node] : nodes) {
        if (node->engine->next_deadline() <= now()) node->engine->on_timer(now());
      }
      settle();
    }
  }
  void send(Node& from, Node& to, const std::string& text) {
    base::Bytes message{static_cast<std::byte>(wire::node::Protocol::job)};
    for (const char letter : text) message.push_back(static_cast<std::byte>(letter));
    from.engine->send(to.record, std::move(message), false, now());
    settle();
  }
  void kill(const base::NodeId& number) {
    nodes.erase(number);
    for (auto& [id, node] : nodes) {
      if (node->links.erase(number) > 0) node->engine->on_unreachable(number, "the connection ended", now());
    }
    settle();
  }
};

std::vector<wire::overlay::PeerRecord> Node::peers() const {
  std::vector<wire::overlay::PeerRecord> all;
  for (const auto& [number, node] : table.nodes) {
    if (number != record.id) all.push_back(node->record);
  }
  return all;
}

std::optional<wire::overlay::PeerRecord> Node::find(const base::NodeId& node) const {
  const auto found = table.nodes.find(node);
  if (found == table.nodes.end()) return std::nullopt;
  return found->second->record;
}

struct TwoShut : ::testing::Test {
  Table table;
  Node& a = table.add(shut_node(1, {}));
  Node& b = table.add(shut_node(2, {}));
  Node& relay = table.add(open_node(8));
  Node& other = table.add(open_node(9));
};

TEST_F(TwoShut, TheyAttachToTwoRelaysAndSaySo) {
  table.pass(3);
  EXPECT_EQ(a.record.relays, (std::vector{id(8), id(9)}));
  EXPECT_EQ(a.record.relay_addresses, (std::vector{address(8), address(9)}));
  EXPECT_EQ(relay.engine->forwarder().clients(), 2u);
}

TEST_F(TwoShut, TheyExchangeMessagesThroughARelay) {
  table.pass(3);
  table.send(a, b, "hello");
  table.send(b, a, "good day");
  EXPECT_TRUE(b.heard_text("hello"));
  EXPECT_TRUE(a.heard_text("good day"));
  EXPECT_EQ(b.heard[0].first, id(1));
  EXPECT_EQ(a.engine->routes().paths().front().rung, Rung::relay);
  EXPECT_EQ(a.engine->routes().paths().front().why_not_direct, "it listens nowhere");
}

TEST_F(TwoShut, WhenARelayDiesTheNextMessageGoesByTheOther) {
  table.pass(3);
  table.send(a, b, "one");
  table.kill(id(8));
  table.send(a, b, "two");
  EXPECT_TRUE(b.heard_text("two"));
  EXPECT_TRUE(a.unreachable.empty() || a.unreachable == std::vector{id(8)});
}

TEST_F(TwoShut, AnOpenNodeIsCalledBack) {
  table.pass(3);
  ASSERT_EQ(other.link(id(1)), LinkKind::visit);
  Node& third = table.add(open_node(10));
  table.send(third, a, "can you hear me?");
  EXPECT_TRUE(a.heard_text("can you hear me?")) << "through the relay, at once";
  EXPECT_EQ(third.link(id(1)), LinkKind::visit) << "it was asked to call";
  table.send(third, a, "now directly");
  EXPECT_EQ(third.engine->routes().paths().front().rung, Rung::called_back);
}

TEST_F(TwoShut, WhoCanDialOnlyItsRelayReachesEverybody) {
  table.pass(3);
  Node& third = table.add(open_node(10));
  auto wrong = third.record;
  third.record.addresses = {address(11)};  // it cannot be got to where others think it is
  a.engine->send(wrong, {std::byte{3}, std::byte{'x'}}, false, table.now());
  table.settle();
  a.engine->send(wrong, {std::byte{3}, std::byte{'y'}}, false, table.now());
  table.settle();
  EXPECT_TRUE(third.heard_text("y")) << "its relay could";
}

TEST_F(TwoShut, WhatIsForgedIsRefusedAndCounted) {
  table.pass(3);
  base::Bytes sealed(wire::relay::seal_bytes + 3, std::byte{7});
  relay.engine->on_message(id(9), wire::relay::encode(wire::relay::Passed{id(2), id(1), sealed}), table.now());
  table.settle();
  EXPECT_EQ(a.engine->counters().seals_refused, 1u);
  EXPECT_TRUE(a.heard.empty());
}

TEST_F(TwoShut, ACallMeCountsOnlySealedAndOfOneself) {
  table.pass(3);
  a.engine->on_message(id(8), wire::relay::encode(wire::relay::CallMe{open_node(10)}), table.now());
  base::Bytes inner = wire::relay::encode(wire::relay::CallMe{open_node(10)});
  inner.insert(inner.begin(), std::byte{4});
  a.engine->on_message(id(8), wire::relay::encode(wire::relay::Forwarded{id(2), b.seal(id(1), inner)}), table.now());
  EXPECT_EQ(a.engine->counters().senseless, 2u);
  EXPECT_TRUE(a.engine->take_actions(table.now()).empty()) << "it was made to dial";
}

TEST_F(TwoShut, AStrangerIsForwardedToNobodyButClients) {
  table.pass(3);
  const base::Bytes sealed(wire::relay::seal_bytes + 3, std::byte{7});
  relay.engine->on_message(id(9), wire::relay::encode(wire::relay::Forward{id(10), {}, sealed}), table.now());
  EXPECT_EQ(relay.engine->counters().unknown_clients, 1u);
  relay.engine->on_message(id(9), wire::relay::encode(wire::relay::Passed{id(2), id(10), sealed}), table.now());
  EXPECT_EQ(relay.engine->counters().unknown_clients, 2u) << "and no relay passes on what was passed on";
}

TEST_F(TwoShut, AShutNodeIsNoRelay) {
  table.pass(3);
  a.engine->on_message(id(2), wire::relay::encode(wire::relay::Attach{}), table.now());
  EXPECT_EQ(a.engine->forwarder().clients(), 0u);
}

TEST_F(TwoShut, NobodyHasManyDialsMade) {
  for (int i = 0; i < 20; ++i) {
    const auto asked = static_cast<std::uint64_t>(i);
    relay.engine->on_message(id(1), wire::relay::encode(wire::relay::DialBack{asked, {address(77)}}), table.now());
  }
  EXPECT_EQ(relay.engine->counters().probes_refused, 19u);
}

}  // namespace
}  // namespace zel::relay
