#include "daemon/relay/routes.hpp"

#include <algorithm>

namespace zel::relay {

std::string_view text_of(Rung rung) {
  switch (rung) {
    case Rung::none: return "none";
    case Rung::direct: return "direct";
    case Rung::called_back: return "called back";
    case Rung::relay: break;
  }
  return "relay";
}

Routes::Route& Routes::route(const base::NodeId& peer, base::Time now) {
  if (const auto found = routes_.find(peer); found != routes_.end()) return found->second;
  if (routes_.size() >= config_.paths) {
    const auto oldest = std::min_element(routes_.begin(), routes_.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    });
    routes_.erase(oldest);
  }
  Route& made = routes_[peer];
  made.path.peer = peer;
  made.used = now;
  return made;
}

Routes::Choice Routes::choose(const wire::overlay::PeerRecord& peer, const Ground& ground, base::Time now) {
  Choice choice;
  switch (ground.link(peer.id)) {
    case LinkKind::dialled: choice.rung = Rung::direct; return choice;
    case LinkKind::visit: choice.rung = Rung::called_back; return choice;
    case LinkKind::none: break;
  }
  Route& known = route(peer.id, now);
  known.relays = peer.relays;
  if (known.addresses != peer.addresses) {
    known.addresses = peer.addresses;
    known.retry_at = base::Time::min();
    known.retry_wait = {};
    known.dialled_in_vain = base::Time::min();
  }
  const bool in_vain = known.addresses.empty() || known.dialled_in_vain + config_.dial_memory > now;
  if (peer.relays.empty() && !in_vain) return choice;
  if (!by_relay(peer, ground, known, now, choice)) return choice;
  behind(peer, ground, known, now, choice);
  return choice;
}

bool Routes::by_relay(const wire::overlay::PeerRecord& peer, const Ground& ground, Route& known, base::Time now,
                      Choice& choice) {
  std::erase_if(known.resting, [&](const auto& rest) { return rest.second <= now; });
  const auto usable = [&](const base::NodeId& relay) {
    return relay != ground.self && relay != peer.id && !known.resting.contains(relay);
  };
  const auto record_of = [&](std::size_t i) {
    wire::overlay::PeerRecord record;
    record.id = peer.relays[i];
    if (i < peer.relay_addresses.size()) record.addresses = {peer.relay_addresses[i]};
    return record;
  };
  const auto take = [&](wire::overlay::PeerRecord record) {
    choice.rung = Rung::relay;
    choice.relay = std::move(record);
    return true;
  };
  for (std::size_t i = 0; i < peer.relays.size(); ++i) {
    if (usable(peer.relays[i]) && ground.link(peer.relays[i]) != LinkKind::none) return take(record_of(i));
  }
  for (std::size_t i = 0; i < peer.relays.size(); ++i) {
    if (usable(peer.relays[i]) && !ground.resting(peer.relays[i])) return take(record_of(i));
  }
  // None of its own can be got to from here: through one of this node's, which may know better.
  for (const auto* own : ground.own_relays) {
    if (!usable(own->id)) continue;
    if (!peer.relays.empty() && !peer.relay_addresses.empty()) {
      choice.via = {{peer.relays.front(), peer.relay_addresses.front()}};
    }
    return take(*own);
  }
  return false;
}

void Routes::behind(const wire::overlay::PeerRecord& peer, const Ground& ground, Route& known, base::Time now,
                    Choice& choice) {
  if (peer.addresses.empty()) known.path.why_not_direct = "it listens nowhere";
  if (!ground.may_be_called) known.path.why_not_called_back = "this node cannot be dialled either";
  if (now < known.retry_at) return;
  choice.dial = !peer.addresses.empty();
  choice.call_me = ground.may_be_called;
  if (choice.call_me) known.path.why_not_called_back = "it was asked to dial this node and has not yet";
  known.retry_wait = std::min(std::max(2 * known.retry_wait, config_.first_retry), config_.last_retry);
  known.retry_at = now + known.retry_wait;
}

bool Routes::on_unreachable(const base::NodeId& peer, const std::string& why, bool has_own_relay, base::Time now) {
  const auto found = routes_.find(peer);
  if (found == routes_.end()) return false;
  Route& known = found->second;
  known.path.why_not_direct = why;
  known.dialled_in_vain = now;
  if (known.path.rung == Rung::direct || known.path.rung == Rung::called_back) known.path.rung = Rung::none;
  return !known.relays.empty() || (known.path.rung == Rung::relay && has_own_relay);
}

void Routes::on_unknown_client(const base::NodeId& relay, const base::NodeId& peer, base::Time now) {
  const auto found = routes_.find(peer);
  if (found == routes_.end()) return;
  // Who was never reached through that relay was not asked about.
  if (found->second.path.rung == Rung::relay) found->second.resting[relay] = now + config_.relay_rest;
}

void Routes::on_relay_lost(const base::NodeId& relay, base::Time now) {
  for (auto& [peer, known] : routes_) {
    if (known.path.rung == Rung::relay && known.path.relay == relay) known.resting[relay] = now + config_.relay_rest;
  }
}

void Routes::on_sent(const base::NodeId& peer, Rung rung, const base::NodeId& relay, std::size_t bytes, base::Time now) {
  Route& known = route(peer, now);
  known.used = now;
  known.path.rung = rung;
  known.path.relay = relay;
  known.path.sent_bytes += bytes;
  if (rung == Rung::direct) known.path.why_not_direct.clear();
  if (rung != Rung::relay) {
    known.path.why_not_called_back.clear();
    known.retry_at = base::Time::min();
    known.retry_wait = {};
  }
  if (rung == Rung::called_back && known.path.why_not_direct.empty()) known.path.why_not_direct = "it called first";
}

void Routes::on_received(const base::NodeId& peer, std::size_t bytes, base::Time now) {
  Route& known = route(peer, now);
  known.used = now;
  known.path.received_bytes += bytes;
}

std::vector<Routes::Path> Routes::paths() const {
  std::vector<std::pair<base::Time, const Path*>> order;
  for (const auto& [peer, known] : routes_) {
    if (known.path.sent_bytes + known.path.received_bytes > 0) order.emplace_back(known.used, &known.path);
  }
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<Path> all;
  for (const auto& [used, path] : order) all.push_back(*path);
  return all;
}

}  // namespace zel::relay
