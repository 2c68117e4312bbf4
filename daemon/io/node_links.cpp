#include "daemon/io/node_links.hpp"

#include <algorithm>
#include <chrono>

namespace zel::io {

namespace {

constexpr auto relay_mark = static_cast<std::byte>(wire::node::Protocol::relay);

std::uint64_t us_since_1970() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

NodeLinks::NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver, daemon::Node& node, std::uint64_t seed,
                     relay::Config config)
    : loop_(loop),
      driver_(driver),
      node_(node),
      seal_(setup.keys, us_since_1970()),
      links_(loop, std::move(setup), *this),
      relaying_(config, *this, base::Random(seed), loop.now()),
      timer_(loop, [this] {
        relaying_.on_timer(loop_.now());
        carry_out();
      }) {
  driver_.use_links(*this);
  carry_out();
}

void NodeLinks::on_addresses() {
  relaying_.on_addresses(loop_.now());
  carry_out();
}

void NodeLinks::send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) {
  relaying_.send(to, std::move(message), may_drop, loop_.now());
  carry_out();
}

void NodeLinks::send(const wire::overlay::Address& to, base::Bytes message) { links_.send(to, std::move(message)); }

bool NodeLinks::on_link_message(const base::NodeId& from, base::ByteView payload) {
  if (payload.empty() || payload.front() != relay_mark) {
    relaying_.on_received(from, payload.size(), loop_.now());
    return driver_.on_link_message(from, payload);
  }
  const bool sensible = relaying_.on_message(from, payload.subspan(1), loop_.now());
  carry_out();
  return sensible;
}

void NodeLinks::on_unreachable(const base::NodeId& peer, const std::string& why) {
  relaying_.on_unreachable(peer, why, loop_.now());
  carry_out();
}

void NodeLinks::on_room(const base::NodeId&) { carry_out(); }

void NodeLinks::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  for (auto actions = relaying_.take_actions(loop_.now()); !actions.empty();
       actions = relaying_.take_actions(loop_.now())) {
    for (auto& action : actions) carry_out(action);
  }
  carrying_out_ = false;
  timer_.set(relaying_.next_deadline());
}

void NodeLinks::carry_out(relay::Action& action) {
  if (auto* send = std::get_if<relay::SendOnLink>(&action)) {
    links_.send(send->to, std::move(send->message), send->may_drop ? Delivery::may_drop : Delivery::must_arrive);
  } else if (auto* dial = std::get_if<relay::Dial>(&action)) {
    links_.dial(dial->to);
  } else if (auto* probe = std::get_if<relay::Probe>(&action)) {
    wire::overlay::PeerRecord at;
    at.id = probe->peer;
    at.addresses = std::move(probe->addresses);
    links_.probe(at, [this, peer = probe->peer, sequence = probe->sequence](std::vector<wire::overlay::Address> reached) {
      relaying_.on_probed(peer, sequence, std::move(reached));
      carry_out();
    });
  } else if (auto* deliver = std::get_if<relay::Deliver>(&action)) {
    driver_.on_link_message(deliver->from, deliver->message);
  } else if (auto* gone = std::get_if<relay::TellUnreachable>(&action)) {
    driver_.on_unreachable(gone->peer);
  } else {
    std::vector<base::NodeId> ids;
    std::vector<wire::overlay::Address> addresses;
    for (auto& via : std::get<relay::SetRelays>(action).relays) {
      ids.push_back(via.relay);
      addresses.push_back(std::move(via.address));
    }
    node_.peer()->overlay().set_relays(std::move(ids), std::move(addresses));
  }
}

// ---- what the engine asks ----------------------------------------------------------------------------

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

relay::LinkKind NodeLinks::link(const base::NodeId& node) const {
  switch (links_.path(node)) {
    case LinkPath::dialled: return relay::LinkKind::dialled;
    case LinkPath::visit: return relay::LinkKind::visit;
    case LinkPath::none: break;
  }
  return relay::LinkKind::none;
}

base::Bytes NodeLinks::seal(const base::NodeId& to, base::ByteView message) {
  return seal_.seal(to, message, loop_.now());
}

base::Result<base::Bytes> NodeLinks::open(const base::NodeId& from, base::ByteView sealed, base::Time now) {
  return seal_.open(from, sealed, now);
}

// ---- for the administrator ---------------------------------------------------------------------------

std::string NodeLinks::name_of(const base::NodeId& node) const {
  const auto known = find(node);
  return known && !known->name.empty() ? known->name : node.short_text();
}

wire::admin::Paths NodeLinks::paths() const {
  wire::admin::Paths answer;
  answer.dialled = relay::text_of(relaying_.reachability().verdict());
  for (const auto* relay : relaying_.relays().relays()) answer.relays.push_back(name_of(relay->id));
  answer.clients = static_cast<std::uint32_t>(relaying_.forwarder().clients());
  for (const auto& path : relaying_.routes().paths()) {
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

std::vector<wire::admin::Counter> NodeLinks::counters() const {
  auto all = links_.counters();
  const auto& forwarder = relaying_.forwarder().counters();
  const auto& own = relaying_.counters();
  all.insert(all.end(), {{"relay_messages_sent", own.relayed},
                         {"relay_forwarded", forwarder.forwarded},
                         {"relay_forwarded_bytes", forwarder.forwarded_bytes},
                         {"relay_refused", forwarder.refused},
                         {"relay_lost", forwarder.lost},
                         {"relay_unknown_clients", own.unknown_clients},
                         {"relay_seals_refused", own.seals_refused},
                         {"relay_senseless", own.senseless},
                         {"relay_probes_refused", own.probes_refused}});
  return all;
}

}  // namespace zel::io
