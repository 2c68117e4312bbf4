#include "daemon/relay/relaying.hpp"

#include <algorithm>

#include "wire/node.hpp"

namespace zel::relay {

using namespace wire::relay;
using wire::overlay::PeerRecord;

namespace {

base::Bytes marked(const Message& message) {
  base::Bytes bytes = encode(message);
  bytes.insert(bytes.begin(), static_cast<std::byte>(wire::node::Protocol::relay));
  return bytes;
}

PeerRecord only_id(const base::NodeId& id) {
  PeerRecord record;
  record.id = id;
  return record;
}

bool could_be_relay(const PeerRecord& record) { return record.relays.empty() && !record.addresses.empty(); }

}  // namespace

Relaying::Relaying(Config config, Surroundings& surroundings, base::Random random, base::Time now)
    : config_(config),
      around_(surroundings),
      reachability_(config_, random.split()),
      choice_(config_),
      forwarder_(config_),
      routes_(config_) {
  on_addresses(now);
}

void Relaying::say(const PeerRecord& to, const Message& message, bool may_drop) {
  actions_.push_back(SendOnLink{to, marked(message), may_drop});
}

void Relaying::say(const base::NodeId& to, const Message& message) {
  say(around_.find(to).value_or(only_id(to)), message);
}

// ---- what this node says -----------------------------------------------------------------------------

void Relaying::send(const PeerRecord& to, base::Bytes message, bool may_drop, base::Time now) {
  if (const LinkKind link = around_.link(to.id); link != LinkKind::none) {
    routes_.on_sent(to.id, link == LinkKind::dialled ? Rung::direct : Rung::called_back, {}, message.size(), now);
    return actions_.push_back(SendOnLink{to, std::move(message), may_drop});
  }
  Routes::Ground ground;
  ground.link = [this](const base::NodeId& node) { return around_.link(node); };
  ground.resting = [this](const base::NodeId& node) { return around_.resting(node); };
  ground.own_relays = choice_.relays();
  ground.may_be_called = !around_.self().addresses.empty() && reachability_.verdict() != Verdict::shut;
  ground.self = around_.self().id;
  // What is known by now of it may be newer than what the sender remembers.
  PeerRecord record = to;
  if (auto known = around_.find(to.id)) {
    const auto age = [](const PeerRecord& r) { return std::pair(r.incarnation, r.version); };
    if (age(*known) > age(to)) record = std::move(*known);
  }
  const auto choice = routes_.choose(record, ground, now);
  const bool relayed = choice.rung == Rung::relay && send_sealed(record, choice, message, may_drop);
  routes_.on_sent(record.id, relayed || choice.rung != Rung::relay ? choice.rung : Rung::none, choice.relay.id,
                  message.size(), now);
  if (choice.dial) actions_.push_back(Dial{record});
  if (choice.call_me) {
    base::Bytes call = marked(CallMe{around_.self()});
    send_sealed(record, choice, call, true);
  }
  if (!relayed) actions_.push_back(SendOnLink{std::move(record), std::move(message), may_drop});
}

bool Relaying::send_sealed(const PeerRecord& to, const Routes::Choice& choice, base::ByteView message, bool may_drop) {
  if (message.empty() || message.size() > max_message_bytes) return false;
  base::Bytes sealed = around_.seal(to.id, message);
  if (sealed.empty()) return false;
  ++counters_.relayed;
  say(choice.relay, Forward{to.id, choice.via, std::move(sealed)}, may_drop);
  return true;
}

// ---- what others say ---------------------------------------------------------------------------------

bool Relaying::on_message(const base::NodeId& from, base::ByteView bytes, base::Time now) {
  const auto message = decode(bytes);
  if (!message) return false;
  if (from == around_.self().id) return false;
  std::visit([&](const auto& each) { heard(from, each, now); }, *message);
  tend(now);
  return true;
}

void Relaying::heard(const base::NodeId& from, const Attach&, base::Time now) {
  if (reachability_.verdict() == Verdict::shut) return say(from, Refused{{}, Reason::unfit});
  if (!forwarder_.attach(from, now)) return say(from, Refused{{}, Reason::full});
  say(from, Attached{});
}

void Relaying::heard(const base::NodeId& from, const Attached&, base::Time now) { choice_.on_attached(from, now); }

void Relaying::heard(const base::NodeId& from, const Detach&, base::Time) { forwarder_.detach(from); }

void Relaying::heard(const base::NodeId& from, const Refused& refused, base::Time now) {
  if (refused.to.is_nobody()) return choice_.on_refused(from, now);
  if (refused.reason == Reason::unknown_client) routes_.on_unknown_client(from, refused.to, now);
}

void Relaying::heard(const base::NodeId& from, const Forward& message, base::Time now) {
  if (message.to == around_.self().id) return open_sealed(from, message.sealed, now);
  if (message.to == from) return void(++counters_.senseless);
  if (forwarder_.is_client(message.to)) {
    return forward(from, only_id(message.to), message.to, Forwarded{from, message.sealed}, now);
  }
  if (forwarder_.is_client(from)) {
    if (!message.via.empty() && message.via.front().relay != around_.self().id) {
      PeerRecord next = only_id(message.via.front().relay);
      next.addresses = {message.via.front().address};
      return forward(from, next, message.to, Passed{from, message.to, message.sealed}, now);
    }
    const auto known = around_.find(message.to);
    if (around_.link(message.to) != LinkKind::none || (known && !known->addresses.empty())) {
      return forward(from, known.value_or(only_id(message.to)), message.to, Forwarded{from, message.sealed}, now);
    }
  }
  ++counters_.unknown_clients;
  refuse(from, message.to, Reason::unknown_client, now);
}

void Relaying::heard(const base::NodeId& from, const Passed& message, base::Time now) {
  if (!forwarder_.is_client(message.to)) return void(++counters_.unknown_clients);
  forward(from, only_id(message.to), message.to, Forwarded{message.from, message.sealed}, now);
}

void Relaying::forward(const base::NodeId& sender, const PeerRecord& next, const base::NodeId& to, const Message& message,
                       base::Time now) {
  if (!forwarder_.admit(sender, next, marked(message), now)) refuse(sender, to, Reason::too_fast, now);
}

void Relaying::refuse(const base::NodeId& sender, const base::NodeId& to, Reason reason, base::Time now) {
  const auto last = complained_.find(sender);
  if (last != complained_.end() && now - last->second < config_.complain_again) return;
  if (complained_.size() >= config_.clients) {
    std::erase_if(complained_, [&](const auto& entry) { return now - entry.second >= config_.complain_again; });
    if (complained_.size() >= config_.clients) return;
  }
  complained_[sender] = now;
  say(sender, Refused{to, reason});
}

void Relaying::heard(const base::NodeId&, const Forwarded& message, base::Time now) {
  open_sealed(message.from, message.sealed, now);
}

void Relaying::open_sealed(const base::NodeId& from, base::ByteView sealed, base::Time now) {
  if (from == around_.self().id) return void(++counters_.senseless);
  auto opened = around_.open(from, sealed, now);
  if (!opened) return void(++counters_.seals_refused);
  if (opened->empty()) return void(++counters_.senseless);
  if (opened->front() != static_cast<std::byte>(wire::node::Protocol::relay)) {
    routes_.on_received(from, opened->size(), now);
    actions_.push_back(Deliver{from, std::move(*opened)});
    return;
  }
  const auto inner = decode(base::ByteView(*opened).subspan(1));
  const auto* call = inner ? std::get_if<CallMe>(&*inner) : nullptr;
  if (!call || call->record.id != from) return void(++counters_.senseless);
  if (around_.link(from) == LinkKind::none && !call->record.addresses.empty()) actions_.push_back(Dial{call->record});
}

void Relaying::heard(const base::NodeId& from, const DialBack& asked, base::Time) {
  if (probed_.size() >= config_.probes || !probed_.insert(from).second) return void(++counters_.probes_refused);
  actions_.push_back(Probe{from, asked.sequence, asked.addresses});
}

void Relaying::on_probed(const base::NodeId& peer, std::uint64_t sequence, std::vector<wire::overlay::Address> reached) {
  if (probed_.erase(peer) > 0) say(peer, DialedBack{sequence, std::move(reached)});
}

void Relaying::heard(const base::NodeId& from, const DialedBack& answer, base::Time now) {
  reachability_.on_answer(from, answer, now);
}

void Relaying::heard(const base::NodeId&, const CallMe&, base::Time) { ++counters_.senseless; }  // not sealed

// ---- time, and what breaks ---------------------------------------------------------------------------

void Relaying::on_unreachable(const base::NodeId& peer, const std::string& why, base::Time now) {
  choice_.on_lost(peer, now);
  forwarder_.on_lost(peer);
  routes_.on_relay_lost(peer, now);
  if (!routes_.on_unreachable(peer, why, choice_.attached(), now)) actions_.push_back(TellUnreachable{peer});
  tend(now);
}

void Relaying::on_addresses(base::Time now) {
  reachability_.set_addresses(around_.self().addresses, now);
  choice_.want(reachability_.verdict() == Verdict::shut, now);
}

void Relaying::on_timer(base::Time now) {
  if (reachability_.next_deadline() <= now) {
    std::vector<base::NodeId> able;
    std::vector<base::NodeId> others;
    for (const auto& record : around_.peers()) {
      const LinkKind link = around_.link(record.id);
      if (link == LinkKind::none) continue;
      (could_be_relay(record) && link == LinkKind::dialled ? able : others).push_back(record.id);
    }
    if (able.empty()) able = std::move(others);
    for (const auto& ask : reachability_.on_timer(able, now)) say(ask.peer, ask.message);
  }
  forwarder_.on_timer(now);
  tend(now);
}

void Relaying::tend(base::Time now) {
  choice_.want(reachability_.verdict() == Verdict::shut, now);
  if (choice_.next_deadline() <= now) {
    std::vector<PeerRecord> candidates;
    for (auto& record : around_.peers()) {
      if (could_be_relay(record)) candidates.push_back(std::move(record));
    }
    choice_.on_timer(candidates, now);
  }
  for (auto& each : choice_.take_says()) say(each.to, each.message);
  if (!choice_.take_changed()) return;
  SetRelays named;
  for (const auto* relay : choice_.relays()) named.relays.push_back({relay->id, relay->addresses.front()});
  actions_.push_back(std::move(named));
}

base::Time Relaying::next_deadline() const {
  return std::min({reachability_.next_deadline(), choice_.next_deadline(), forwarder_.next_deadline()});
}

std::vector<Action> Relaying::take_actions(base::Time now) {
  auto out = forwarder_.pump([this](const base::NodeId& node) { return around_.backlog(node) < config_.link_backlog_bytes; }, now);
  for (auto& each : out) actions_.push_back(SendOnLink{std::move(each.to), std::move(each.message), false});
  return std::exchange(actions_, {});
}

}  // namespace zel::relay
