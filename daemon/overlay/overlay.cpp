#include "daemon/overlay/overlay.hpp"

#include <algorithm>
#include <utility>

#include "daemon/overlay/beliefs.hpp"
#include "daemon/overlay/coordinates.hpp"
#include "daemon/overlay/failure_detector.hpp"
#include "daemon/overlay/gossip_view.hpp"
#include "daemon/overlay/herald.hpp"
#include "daemon/overlay/neighbours.hpp"

namespace zel::overlay {

namespace {

namespace wo = wire::overlay;

// Rumours on one message: a ping stays small, gossip is large anyway.
constexpr std::size_t rumours_on_ping = 6;
constexpr std::size_t rumours_on_gossip = 16;
constexpr std::size_t told_on_leaving = 64;
constexpr std::uint32_t passes_of_own_coming = 16;

/// Who a message says it is from; null: it does not say.
const PeerRecord* sender_in(const wo::Message& message) {
  if (const auto* request = std::get_if<wo::GossipRequest>(&message)) return &request->records.front();
  if (const auto* reply = std::get_if<wo::GossipReply>(&message)) return &reply->records.front();
  if (const auto* ping = std::get_if<wo::Ping>(&message)) return &ping->self;
  if (const auto* ack = std::get_if<wo::Ack>(&message)) return &ack->self;
  return nullptr;
}

std::vector<wo::Rumour>* rumours_in(wo::Message& message) {
  return std::visit(
      [](auto& each) -> std::vector<wo::Rumour>* {
        if constexpr (requires { each.rumours; }) {
          return &each.rumours;
        } else {
          return nullptr;
        }
      },
      message);
}

bool is_gossip(const wo::Message& message) {
  return std::holds_alternative<wo::GossipRequest>(message) ||
         std::holds_alternative<wo::GossipReply>(message);
}

}  // namespace

struct Overlay::Parts {
  Parts(OverlaySetup setup, base::Random random, base::Time now)
      : config(setup.config),
        self(std::move(setup.self)),
        beliefs(config, self, peers, out),
        coordinates(config, random.split()),
        view(config, self, std::move(setup.bootstrap), beliefs, peers, out, random.split(), now),
        detector(config, self, beliefs, peers, out, random.split(), now),
        neighbours(config, coordinates, peers, random.split(), now),
        herald(config, self, peers, out, random.split(), now),
        last_seen(now) {
    self.coordinate = coordinates.own().wire();
    beliefs.rumours().add({wo::RumourKind::alive, self.id, self.incarnation, self.id, {self}}, passes_of_own_coming);
  }

  void observe(base::Time now);
  void on_message(const base::NodeId& from, const wo::Message& message, base::Time now);
  void hear_all(const std::vector<wo::Rumour>& rumours, base::Time now);
  void handle(const wo::GossipRequest& request, base::Time now);
  void handle(const wo::GossipReply& reply, base::Time now);
  void handle(const wo::Ping& ping, base::Time now);
  void handle(const wo::Ack& ack, base::Time now);
  void measured(const base::NodeId& id, base::Duration rtt);
  void follow_up(const PeerRecord* teller, base::Time now);
  void carry_rumours();
  base::Time next_deadline() const;
  /// What is overdue already is not held against whoever calls next.
  void promise(base::Time now) { promised = std::max(next_deadline(), now); }

  const Config config;
  PeerRecord self;
  Actions out;
  PeerTable peers;
  Beliefs beliefs;
  Coordinates coordinates;
  GossipView view;
  FailureDetector detector;
  Neighbours neighbours;
  Herald herald;
  std::size_t carried = 0;            // actions that have their rumours
  base::Time promised = base::never;  // when on_timer should be called at the latest
  base::Time last_seen;               // the latest time that was told
  bool gone = false;
  Counters counters;
};

/// A process that was stopped, or starved, knows nothing of what happened meanwhile.
void Overlay::Parts::observe(base::Time now) {
  if (promised != base::never && now - promised > 2 * config.probe_interval) {
    ++counters.stalls;
    beliefs.put_off(now - promised, now);
    detector.stalled(now);
    view.stalled(now);
  }
  last_seen = now;
  promised = base::never;
}

void Overlay::Parts::on_message(const base::NodeId& from, const wo::Message& message, base::Time now) {
  const PeerRecord* sender = sender_in(message);
  if (from == self.id || (sender != nullptr && sender->id != from)) {
    ++counters.wrong_sender;
    return;
  }
  if (sender != nullptr) beliefs.hear_itself(*sender, now);
  if (const auto* request = std::get_if<wo::PingRequest>(&message)) {
    const PeerTable::Slot slot = peers.find(from);
    PeerRecord asker;
    asker.id = from;  // the link it came by is there
    detector.on_ping_request(slot == PeerTable::none ? asker : peers[slot].record, *request, now);
  } else if (const auto* answer = std::get_if<wo::IndirectAck>(&message)) {
    detector.on_indirect_ack(from, *answer, now);
  } else if (const auto* gossip = std::get_if<wo::GossipRequest>(&message)) {
    handle(*gossip, now);
  } else if (const auto* reply = std::get_if<wo::GossipReply>(&message)) {
    handle(*reply, now);
  } else if (const auto* ping = std::get_if<wo::Ping>(&message)) {
    handle(*ping, now);
  } else if (const auto* ack = std::get_if<wo::Ack>(&message)) {
    handle(*ack, now);
  }
  follow_up(sender, now);
}

void Overlay::Parts::hear_all(const std::vector<wo::Rumour>& rumours, base::Time now) {
  for (const wo::Rumour& rumour : rumours) beliefs.hear(rumour, now);
}

void Overlay::Parts::handle(const wo::GossipRequest& request, base::Time now) {
  view.on_request(request.records.front(), request, now);
  hear_all(request.rumours, now);
}

void Overlay::Parts::handle(const wo::GossipReply& reply, base::Time now) {
  if (!view.on_reply(reply.records.front(), reply, now)) {
    ++counters.unasked;
    return;
  }
  hear_all(reply.rumours, now);
}

void Overlay::Parts::handle(const wo::Ping& ping, base::Time now) {
  const bool unknown = beliefs.hear(ping.self, now) == Beliefs::Heard::unknown;
  detector.on_ping(ping);
  hear_all(ping.rumours, now);  // that the sender is new, say; before it is not new any more
  if (unknown) view.greet(ping.self, now);
  if (ping.neighbour) neighbours.counted_by(ping.self, beliefs, now);
}

void Overlay::Parts::handle(const wo::Ack& ack, base::Time now) {
  if (beliefs.hear(ack.self, now) == Beliefs::Heard::unknown) view.offer(ack.self, now);
  if (const auto rtt = detector.on_ack(ack, now)) measured(ack.self.id, *rtt);
  hear_all(ack.rumours, now);
}

void Overlay::Parts::measured(const base::NodeId& id, base::Duration rtt) {
  const PeerTable::Slot slot = peers.find(id);
  if (slot == PeerTable::none) return;
  if (rtt < base::Duration::zero() || rtt > config.largest_rtt) {
    ++counters.bad_samples;
    return;
  }
  Peer& peer = peers[slot];
  peer.rtt.add(base::seconds(rtt));
  if (!coordinates.update(Point::of(peer.record.coordinate), peer.rtt.median_s())) {
    ++counters.bad_samples;
    return;
  }
  self.coordinate = coordinates.own().wire();
  ++self.version;
}

/// What one engine found out and another has to act on.
void Overlay::Parts::follow_up(const PeerRecord* teller, base::Time now) {
  for (const PeerRecord& record : beliefs.take_newcomers()) view.newcomer(record, now);
  const auto departed = beliefs.take_gone();
  for (const base::NodeId& id : departed) view.peer_gone(id);
  if (!departed.empty()) view.news(now);
  if (beliefs.take_departure()) herald.tell_death(now);
  if (beliefs.take_refuted()) {
    detector.was_accused();
    herald.tell_refutation(teller == nullptr ? std::nullopt : std::optional(*teller), now);
  }
  const double known = static_cast<double>(peers.size() + 1);
  beliefs.set_network_size(std::max(known, view.perceived_size()));
  beliefs.set_patience(detector.awareness() + 1);
  carry_rumours();
}

/// Puts rumours on what is about to be sent: first what is said about the receiver itself.
void Overlay::Parts::carry_rumours() {
  const auto stale = beliefs.take_stale();
  for (; carried < out.size(); ++carried) {
    auto* send = std::get_if<Send>(&out[carried]);
    auto* bootstrap = std::get_if<SendToAddress>(&out[carried]);
    if (send == nullptr && bootstrap == nullptr) continue;
    wo::Message& message = send != nullptr ? send->message : bootstrap->message;
    auto* rumours = rumours_in(message);
    if (rumours == nullptr) continue;
    if (send != nullptr) beliefs.about(send->to.id, *rumours);
    if (std::holds_alternative<wo::GossipReply>(message)) {
      for (const base::NodeId& id : stale) {
        if (id != send->to.id) beliefs.about(id, *rumours);
      }
    }
    // Who told something at once knows it, and whoever is told this way knows it soon.
    const auto* ack = std::get_if<wo::Ack>(&message);
    if (ack != nullptr && ack->sequence == 0) continue;
    beliefs.rumours().take(is_gossip(message) ? rumours_on_gossip : rumours_on_ping, *rumours);
  }
}

base::Time Overlay::Parts::next_deadline() const {
  if (gone) return base::never;
  return std::min(
      {view.next_deadline(), detector.next_deadline(), neighbours.next_deadline(), beliefs.next_deadline(),
       herald.next_deadline()});
}

Overlay::Overlay(OverlaySetup setup, base::Random random, base::Time now)
    : parts_(std::make_unique<Parts>(std::move(setup), random, now)) {}
Overlay::~Overlay() = default;
Overlay::Overlay(Overlay&&) noexcept = default;

void Overlay::on_message(const base::NodeId& from, const wo::Message& message, base::Time now) {
  if (parts_->gone) return;
  parts_->observe(now);
  parts_->on_message(from, message, now);
  parts_->promise(now);
}

void Overlay::on_unreachable(const base::NodeId& peer, base::Time now) {
  if (parts_->gone) return;
  parts_->observe(now);
  parts_->view.on_unreachable(peer, now);
  parts_->detector.on_unreachable(peer, now);
  parts_->follow_up(nullptr, now);
  parts_->promise(now);
}

void Overlay::on_timer(base::Time now) {
  Parts& parts = *parts_;
  if (parts.gone) return;
  parts.observe(now);
  if (parts.view.round_is_due(now)) ++parts.self.version;  // a sign of life for those who only hear of it
  parts.view.on_timer(now);
  parts.neighbours.on_timer(now);
  for (const base::NodeId& id : parts.neighbours.take_unmeasured()) {
    const PeerTable::Slot slot = parts.peers.find(id);
    if (slot != PeerTable::none) parts.detector.measure(slot, now);
  }
  parts.detector.on_timer(now);
  parts.herald.on_timer(now);
  parts.beliefs.on_timer(now);
  parts.follow_up(nullptr, now);
  parts.promise(now);
}

base::Time Overlay::next_deadline() const { return parts_->next_deadline(); }
std::vector<Action> Overlay::take_actions() {
  parts_->carried = 0;
  return std::exchange(parts_->out, {});
}

void Overlay::set_free_cores(std::uint32_t cores) {
  if (parts_->self.cores_free == cores) return;
  parts_->self.cores_free = cores;
  ++parts_->self.version;
}

void Overlay::set_addresses(std::vector<Address> addresses) {
  parts_->self.addresses = std::move(addresses);
  ++parts_->self.version;
}

void Overlay::set_relays(std::vector<base::NodeId> relays, std::vector<Address> addresses) {
  parts_->self.relays = std::move(relays);
  parts_->self.relay_addresses = std::move(addresses);
  ++parts_->self.version;
}

void Overlay::watch(const PeerRecord& peer) {
  Parts& parts = *parts_;
  if (parts.gone || peer.id == parts.self.id) return;
  parts.detector.watch(peer.id);
  const PeerTable::Slot slot = parts.peers.find(peer.id);
  if (slot != PeerTable::none) return parts.peers.hold(slot, Use::watched);
  const Tombstone* stone = parts.beliefs.tombstones().find(peer.id);
  if (stone != nullptr && stone->incarnation >= peer.incarnation) {
    parts.out.push_back(
        PeerChanged{PeerChanged::What::died, peer, "it was found dead before it was watched"});
  } else if (wo::valid(peer)) {
    parts.beliefs.add(peer, Use::watched, parts.last_seen);
  }
}

void Overlay::unwatch(const base::NodeId& peer) { parts_->detector.unwatch(peer); }

void Overlay::leave(base::Time now) {
  Parts& parts = *parts_;
  if (parts.gone) return;
  parts.follow_up(nullptr, now);
  parts.gone = true;
  const wo::Rumour farewell{wo::RumourKind::left, parts.self.id, parts.self.incarnation, parts.self.id, {}};
  std::vector<PeerTable::Slot> told = parts.neighbours.all();
  for (const PeerTable::Slot slot : parts.peers.members(Use::view)) {
    if (std::find(told.begin(), told.end(), slot) == told.end()) told.push_back(slot);
  }
  told.resize(std::min(told.size(), told_on_leaving));
  for (const PeerTable::Slot slot : told) {
    parts.out.push_back(Send{parts.peers[slot].record, wo::Ping{0, parts.self, {farewell}, false}});
  }
}

const PeerRecord& Overlay::self() const { return parts_->self; }

std::vector<KnownPeer> Overlay::known() const {
  std::vector<KnownPeer> all;
  parts_->peers.for_each([&](PeerTable::Slot slot) {
    const Peer& peer = parts_->peers[slot];
    all.push_back({peer.record, peer.state});
  });
  for (const Tombstone& stone : parts_->beliefs.tombstones().all()) {
    if (stone.record) all.push_back({*stone.record, stone.state});
  }
  return all;
}

std::optional<KnownPeer> Overlay::find(const base::NodeId& id) const {
  const PeerTable::Slot slot = parts_->peers.find(id);
  if (slot != PeerTable::none) return KnownPeer{parts_->peers[slot].record, parts_->peers[slot].state};
  const Tombstone* stone = parts_->beliefs.tombstones().find(id);
  if (stone != nullptr && stone->record) return KnownPeer{*stone->record, stone->state};
  return std::nullopt;
}

std::vector<const PeerRecord*> Overlay::neighbours() const {
  std::vector<const PeerRecord*> records;
  for (const PeerTable::Slot slot : parts_->neighbours.all()) records.push_back(&parts_->peers[slot].record);
  return records;
}

std::vector<const PeerRecord*> Overlay::view() const {
  std::vector<const PeerRecord*> records;
  for (const PeerTable::Slot slot : parts_->peers.members(Use::view)) {
    if (parts_->peers[slot].state == PeerState::alive) records.push_back(&parts_->peers[slot].record);
  }
  return records;
}

base::Duration Overlay::distance(const PeerRecord& peer) const {
  const PeerTable::Slot slot = parts_->peers.find(peer.id);
  const double seconds = slot != PeerTable::none && !parts_->peers[slot].rtt.empty()
                             ? parts_->peers[slot].rtt.median_s()
                             : distance_s(parts_->coordinates.own(), Point::of(peer.coordinate));
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

double Overlay::perceived_size() const { return parts_->view.perceived_size(); }
int Overlay::awareness() const { return parts_->detector.awareness(); }

Counters Overlay::counters() const {
  Counters counters = parts_->counters;
  counters.refused_work = parts_->detector.refused();
  counters.coordinate_resets = parts_->coordinates.resets();
  counters.failed_exchanges = parts_->view.failed_exchanges();
  counters.refutations = parts_->beliefs.refutations();
  counters.accusations = parts_->beliefs.accusations();
  counters.deaths = parts_->beliefs.deaths();
  counters.lies = parts_->beliefs.lies();
  return counters;
}

}  // namespace zel::overlay
