#include "daemon/io/node_links.hpp"

#include <algorithm>

namespace zel::io {

NodeLinks::NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver, daemon::Node& node, std::uint64_t seed)
    : driver_(driver), node_(node), relayed_(loop, std::move(setup), *this, seed) {
  driver_.use_links(*this);
}

void NodeLinks::send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) {
  relayed_.send(to, std::move(message), may_drop);
}

void NodeLinks::send(const wire::overlay::Address& to, base::Bytes message) { relayed_.send(to, std::move(message)); }

bool NodeLinks::on_node_message(const base::NodeId& from, base::ByteView message) {
  return driver_.on_link_message(from, message);
}

void NodeLinks::on_unreachable(const base::NodeId& node) { driver_.on_unreachable(node); }

const wire::overlay::PeerRecord& NodeLinks::self() const { return node_.peer()->overlay().self(); }

std::vector<wire::overlay::PeerRecord> NodeLinks::peers() const {
  const auto& overlay = node_.peer()->overlay();
  std::vector<std::pair<base::Duration, wire::overlay::PeerRecord>> near;
  for (auto& known : overlay.known()) {
    if (known.state != overlay::PeerState::alive || known.record.id == self().id) continue;
    near.emplace_back(overlay.distance(known.record), std::move(known.record));
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<wire::overlay::PeerRecord> records;
  for (auto& [distance, record] : near) records.push_back(std::move(record));
  return records;
}

std::optional<wire::overlay::PeerRecord> NodeLinks::find(const base::NodeId& node) const {
  auto known = node_.peer()->overlay().find(node);
  if (!known) return std::nullopt;
  return std::move(known->record);
}

void NodeLinks::set_relays(std::vector<base::NodeId> relays, std::vector<wire::overlay::Address> addresses) {
  node_.peer()->overlay().set_relays(std::move(relays), std::move(addresses));
}

// ---- for the administrator ---------------------------------------------------------------------------

std::string NodeLinks::name_of(const base::NodeId& node) const {
  const auto known = find(node);
  return known && !known->name.empty() ? known->name : node.short_text();
}

wire::admin::Paths NodeLinks::paths() const {
  const auto& relaying = relayed_.relaying();
  wire::admin::Paths answer;
  answer.dialled = relay::text_of(relaying.reachability().verdict());
  for (const auto* relay : relaying.relays().relays()) answer.relays.push_back(name_of(relay->id));
  answer.clients = static_cast<std::uint32_t>(relaying.forwarder().clients());
  for (const auto& path : relaying.routes().paths()) {
    wire::admin::PathLine line;
    line.id = path.peer.text();
    line.name = name_of(path.peer);
    line.rung = relay::text_of(path.rung);
    if (path.rung == relay::Rung::relay) line.relay = name_of(path.relay);
    const auto known = find(path.peer);
    line.round_trip_ms = known ? base::seconds(node_.peer()->overlay().distance(*known)) * 1e3 : -1;
    line.sent_bytes = path.sent_bytes;
    line.received_bytes = path.received_bytes;
    if (path.rung != relay::Rung::direct && !path.why_not_direct.empty()) line.not_direct = path.why_not_direct;
    if (path.rung == relay::Rung::relay) line.not_called_back = path.why_not_called_back;
    answer.paths.push_back(std::move(line));
  }
  return answer;
}

}  // namespace zel::io
