#include "daemon/io/relayed_links.hpp"

#include <chrono>

#include "wire/node.hpp"

namespace zel::io {

namespace {

constexpr auto relay_mark = static_cast<std::byte>(wire::node::Protocol::relay);

std::uint64_t us_since_1970() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

}  // namespace

RelayedLinks::RelayedLinks(EventLoop& loop, LinksSetup setup, RelayHome& home, std::uint64_t seed, relay::Config config)
    : loop_(loop),
      home_(home),
      seal_(setup.keys, us_since_1970()),
      links_(loop, std::move(setup), *this),
      relaying_(config, *this, base::Random(seed), loop.now()),
      timer_(loop, [this] {
        relaying_.on_timer(loop_.now());
        carry_out();
      }) {
  timer_.set(loop.now());
}

void RelayedLinks::on_addresses() {
  relaying_.on_addresses(loop_.now());
  carry_out();
}

void RelayedLinks::send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) {
  relaying_.send(to, std::move(message), may_drop, loop_.now());
  carry_out();
}

bool RelayedLinks::on_link_message(const base::NodeId& from, base::ByteView payload) {
  if (payload.empty() || payload.front() != relay_mark) {
    relaying_.on_received(from, payload.size(), loop_.now());
    return home_.on_node_message(from, payload);
  }
  const bool sensible = relaying_.on_message(from, payload.subspan(1), loop_.now());
  carry_out();
  return sensible;
}

void RelayedLinks::on_unreachable(const base::NodeId& peer, const std::string& why) {
  relaying_.on_unreachable(peer, why, loop_.now());
  carry_out();
}

void RelayedLinks::carry_out() {
  if (std::exchange(carrying_out_, true)) return;
  for (auto actions = relaying_.take_actions(loop_.now()); !actions.empty();
       actions = relaying_.take_actions(loop_.now())) {
    for (auto& action : actions) carry_out(action);
  }
  carrying_out_ = false;
  timer_.set(relaying_.next_deadline());
}

void RelayedLinks::carry_out(relay::Action& action) {
  if (auto* send = std::get_if<relay::SendOnLink>(&action)) {
    links_.send(send->to, std::move(send->message), send->may_drop ? Delivery::may_drop : Delivery::must_arrive);
  } else if (auto* dial = std::get_if<relay::Dial>(&action)) {
    links_.dial(dial->to);
  } else if (auto* look = std::get_if<relay::Probe>(&action)) {
    probe(*look);
  } else if (auto* deliver = std::get_if<relay::Deliver>(&action)) {
    home_.on_node_message(deliver->from, deliver->message);
  } else if (auto* gone = std::get_if<relay::TellUnreachable>(&action)) {
    home_.on_unreachable(gone->peer);
  } else {
    std::vector<base::NodeId> ids;
    std::vector<wire::overlay::Address> addresses;
    for (auto& via : std::get<relay::SetRelays>(action).relays) {
      ids.push_back(via.relay);
      addresses.push_back(std::move(via.address));
    }
    home_.set_relays(std::move(ids), std::move(addresses));
  }
}

void RelayedLinks::probe(relay::Probe& probe) {
  wire::overlay::PeerRecord at;
  at.id = probe.peer;
  at.addresses = std::move(probe.addresses);
  links_.probe(at, [this, peer = probe.peer, sequence = probe.sequence](std::vector<wire::overlay::Address> reached) {
    relaying_.on_probed(peer, sequence, std::move(reached));
    carry_out();
  });
}

relay::LinkKind RelayedLinks::link(const base::NodeId& node) const {
  switch (links_.path(node)) {
    case LinkPath::dialled: return relay::LinkKind::dialled;
    case LinkPath::visit: return relay::LinkKind::visit;
    case LinkPath::none: break;
  }
  return relay::LinkKind::none;
}

base::Bytes RelayedLinks::seal(const base::NodeId& to, base::ByteView message) {
  return seal_.seal(to, message, loop_.now());
}

base::Result<base::Bytes> RelayedLinks::open(const base::NodeId& from, base::ByteView sealed, base::Time now) {
  return seal_.open(from, sealed, now);
}

std::vector<wire::admin::Counter> RelayedLinks::counters() const {
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
