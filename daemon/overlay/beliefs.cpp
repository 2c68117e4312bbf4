#include "daemon/overlay/beliefs.hpp"

#include <algorithm>

namespace zel::overlay {

using What = PeerChanged::What;

namespace {

constexpr std::size_t max_stale = 8;
constexpr std::size_t max_newcomers = wire::overlay::max_rumours;
constexpr std::uint32_t passes_about_strangers = 8;
// A record may be so many leaps ahead of the one held, an accusation one: refutations that were missed lie between.
constexpr std::uint64_t leaps_of_record = 4;

}  // namespace

Beliefs::Beliefs(const Config& config, PeerRecord& self, PeerTable& peers, Actions& out)
    : config_(config),
      self_(self),
      peers_(peers),
      out_(out),
      tombstones_(config.max_tombstones) {}

Beliefs::Heard Beliefs::hear(const PeerRecord& record, base::Time now) {
  if (record.id == self_.id) {
    // Nobody describes this node later than it did itself: an earlier life with a later clock, or a lie.
    // Either would outlive the truth.
    if (is_newer(record, self_)) refute(record.incarnation, now);
    return Heard::own;
  }
  if (const Tombstone* stone = tombstones_.find(record.id)) {
    if (record.incarnation <= stone->incarnation) {
      if (stale_.size() < max_stale) stale_.push_back(record.id);
      return Heard::buried;
    }
    if (is_lie(record.incarnation, stone->incarnation, leaps_of_record)) return Heard::buried;
    tombstones_.remove(record.id);
    say_alive(record);
  }
  const PeerTable::Slot slot = peers_.find(record.id);
  if (slot == PeerTable::none) return Heard::unknown;
  Peer& peer = peers_[slot];
  if (!is_newer(record, peer.record)) return Heard::known;
  if (is_lie(record.incarnation, peer.record.incarnation, leaps_of_record)) return Heard::known;
  const bool refutes = record.incarnation > peer.record.incarnation;
  peer.record = record;
  peer.fresh = now;
  if (refutes) {
    clear_suspicion(slot);
    say_alive(record);
  }
  return Heard::known;
}

void Beliefs::hear_itself(const PeerRecord& record, base::Time now) {
  const std::uint64_t said = record.incarnation;
  const std::uint64_t ahead = said + config_.largest_leap;
  // It may itself be far ahead: its clock was set, or what is held is another lie.
  const std::uint64_t behind = said - std::min(said, leaps_of_record * config_.largest_leap);
  if (const Tombstone* stone = tombstones_.find(record.id)) {
    if (stone->incarnation > ahead) tombstones_.correct(record.id, said);
    if (stone->incarnation < behind) tombstones_.correct(record.id, said - 1);
  }
  const PeerTable::Slot slot = peers_.find(record.id);
  if (slot == PeerTable::none) return;
  Peer& peer = peers_[slot];
  const std::uint64_t held = peer.record.incarnation;
  if (held >= behind && held <= ahead) return;
  peer.record = record;
  peer.fresh = now;
  if (held < behind) clear_suspicion(slot);
}

bool Beliefs::is_lie(std::uint64_t incarnation, std::uint64_t held, std::uint64_t leaps) {
  if (incarnation <= held + leaps * config_.largest_leap) return false;
  ++lies_;
  return true;
}

PeerTable::Slot Beliefs::add(const PeerRecord& record, Use use, base::Time now) {
  const PeerTable::Slot slot = peers_.add(record, use, now);
  if (slot != PeerTable::none) out_.push_back(PeerChanged{What::joined, record, ""});
  return slot;
}

void Beliefs::hear(const wire::overlay::Rumour& rumour, base::Time now) {
  if (rumour.subject == self_.id) {
    if (rumour.kind == RumourKind::alive) {
      if (!rumour.record.empty()) hear(rumour.record.front(), now);
    } else if (rumour.incarnation >= self_.incarnation) {
      refute(rumour.incarnation, now);
    }
    return;
  }
  switch (rumour.kind) {
    case RumourKind::alive: return hear_alive(rumour, now);
    case RumourKind::suspect: return hear_suspect(rumour, now);
    case RumourKind::dead:
    case RumourKind::left: return hear_gone(rumour, now);
  }
}

void Beliefs::hear_alive(const wire::overlay::Rumour& rumour, base::Time now) {
  if (rumour.record.empty()) return;
  // What it refutes is passed on by hear().
  if (hear(rumour.record.front(), now) == Heard::unknown && newcomers_.size() < max_newcomers) {
    newcomers_.push_back(rumour.record.front());
  }
}

void Beliefs::hear_suspect(const wire::overlay::Rumour& rumour, base::Time now) {
  const PeerTable::Slot slot = peers_.find(rumour.subject);
  if (slot == PeerTable::none || rumour.reporter == rumour.subject || rumour.reporter.is_nobody()) return;
  const Peer& peer = peers_[slot];
  if (rumour.incarnation < peer.record.incarnation) return;
  if (is_lie(rumour.incarnation, peer.record.incarnation, 1)) return;
  if (peer.state == PeerState::suspect) {
    if (!suspicion_of(rumour.subject)->suspicion.confirm(rumour.reporter)) return;
  } else {
    suspect(slot, rumour.reporter, "suspected by " + rumour.reporter.short_text(), now);
  }
  say(RumourKind::suspect, rumour.subject, rumour.incarnation, rumour.reporter, passes());
}

void Beliefs::hear_gone(const wire::overlay::Rumour& rumour, base::Time now) {
  const bool left = rumour.kind == RumourKind::left;
  const PeerState state = left ? PeerState::left : PeerState::dead;
  const PeerTable::Slot slot = peers_.find(rumour.subject);
  if (slot != PeerTable::none) {
    const std::uint64_t held = peers_[slot].record.incarnation;
    if (rumour.incarnation < held || is_lie(rumour.incarnation, held, 1)) return;
    bury(slot, rumour.incarnation, state, left ? "it left" : "found dead by " + rumour.reporter.short_text(),
         now);
    return say(rumour.kind, rumour.subject, rumour.incarnation, rumour.reporter, passes_of_death());
  }
  const Tombstone* stone = tombstones_.find(rumour.subject);
  if (stone != nullptr && stone->incarnation >= rumour.incarnation) return;
  if (stone != nullptr && is_lie(rumour.incarnation, stone->incarnation, 1)) return;
  tombstones_.add(rumour.subject, rumour.incarnation, state, nullptr, now + config_.hearsay_tombstone_life);
  departure_ = true;
  say(rumour.kind, rumour.subject, rumour.incarnation, rumour.reporter, passes_about_strangers);
}

/// Raises the incarnation above what is said and has everyone told. At the limit of what is valid it stays, so it goes
/// there in bounded steps, and slowly: lies would need half a year. What is further ahead few believe, and those tell
/// it again.
void Beliefs::refute(std::uint64_t incarnation, base::Time now) {
  const std::uint64_t own = self_.incarnation;
  std::uint64_t above = own;
  if (incarnation > own && now >= next_leap_) {
    above = std::min(incarnation, own + config_.largest_leap);
    next_leap_ = now + config_.leap_interval;
  }
  self_.incarnation = std::min(above + 1, wire::overlay::max_incarnation);
  ++self_.version;
  refuted_ = true;
  ++refutations_;
  say_alive(self_);
}

void Beliefs::accuse(PeerTable::Slot slot, const std::vector<base::NodeId>& others, base::Time now) {
  const Peer& peer = peers_[slot];
  const base::NodeId id = peer.record.id;
  bool is_news = true;
  if (peer.state != PeerState::suspect) {
    suspect(slot, self_.id, "it does not answer", now);
  } else {
    is_news = suspicion_of(id)->suspicion.confirm(self_.id);
  }
  const auto suspected = suspicion_of(id);
  suspected->accused_here = true;
  for (const base::NodeId& other : others) suspected->suspicion.confirm(other);
  if (!is_news) return;
  ++accusations_;
  say(RumourKind::suspect, id, peer.record.incarnation, self_.id, passes());
}

void Beliefs::suspect(PeerTable::Slot slot, const base::NodeId& reporter, std::string cause, base::Time now) {
  Peer& peer = peers_[slot];
  peer.state = PeerState::suspect;
  peers_.hold(slot, Use::suspect);
  suspected_.push_back({peer.record.id, Suspicion(config_, nodes_, patience_, reporter, now), false});
  out_.push_back(PeerChanged{What::suspected, peer.record, std::move(cause)});
}

void Beliefs::clear_suspicion(PeerTable::Slot slot) {
  Peer& peer = peers_[slot];
  if (peer.state != PeerState::suspect) return;
  peer.state = PeerState::alive;
  suspected_.erase(suspicion_of(peer.record.id));
  out_.push_back(PeerChanged{What::refuted, peer.record, ""});
  peers_.release(slot, Use::suspect);
}

void Beliefs::bury(PeerTable::Slot slot, std::uint64_t incarnation, PeerState state, std::string cause,
                   base::Time now) {
  Peer& peer = peers_[slot];
  if (peer.state == PeerState::suspect) suspected_.erase(suspicion_of(peer.record.id));
  auto record = std::make_unique<PeerRecord>(peer.record);
  out_.push_back(
      PeerChanged{state == PeerState::left ? What::left : What::died, peer.record, std::move(cause)});
  gone_.push_back(record->id);
  departure_ = true;
  const base::NodeId id = record->id;
  incarnation = std::max(incarnation, record->incarnation);
  tombstones_.add(id, incarnation, state, std::move(record), now + config_.tombstone_life);
  peers_.forget(slot);
}

void Beliefs::lose(PeerTable::Slot slot, base::Time now) {
  bury(slot, peers_[slot].record.incarnation, PeerState::dead, "nobody has heard of it", now);
}

void Beliefs::answered(const base::NodeId& id, base::Time now) {
  const PeerTable::Slot slot = peers_.find(id);
  if (slot == PeerTable::none) return;
  peers_[slot].reached = true;
  peers_[slot].fresh = now;
}

void Beliefs::put_off(base::Duration gap, base::Time now) {
  const base::Time earliest = now + least_suspicion(config_, nodes_);
  for (Suspected& each : suspected_) each.suspicion.put_off(gap, earliest);
}

void Beliefs::on_timer(base::Time now) {
  tombstones_.expire(now);
  for (std::size_t i = 0; i < suspected_.size();) {
    if (suspected_[i].suspicion.deadline() > now) {
      ++i;
      continue;
    }
    const base::NodeId id = suspected_[i].id;
    const PeerTable::Slot slot = peers_.find(id);
    const std::uint64_t incarnation = peers_[slot].record.incarnation;
    bury(slot, incarnation, PeerState::dead, "it did not answer and did not object", now);
    ++deaths_;
    say(RumourKind::dead, id, incarnation, self_.id, passes_of_death());
  }
}

base::Time Beliefs::next_deadline() const {
  base::Time next = tombstones_.next_deadline();
  for (const Suspected& each : suspected_) next = std::min(next, each.suspicion.deadline());
  return next;
}

void Beliefs::about(const base::NodeId& id, std::vector<wire::overlay::Rumour>& out) const {
  if (const Tombstone* stone = tombstones_.find(id)) {
    const auto kind = stone->state == PeerState::left ? RumourKind::left : RumourKind::dead;
    out.push_back({kind, id, stone->incarnation, self_.id, {}});
    return;
  }
  const PeerTable::Slot slot = peers_.find(id);
  if (slot == PeerTable::none || peers_[slot].state != PeerState::suspect) return;
  out.push_back({RumourKind::suspect, id, peers_[slot].record.incarnation, self_.id, {}});
}

void Beliefs::announce(const PeerRecord& record) {
  if (rumours_.size() < Rumours::capacity / 2) say_alive(record);
}

std::vector<base::NodeId> Beliefs::accused_here() const {
  std::vector<base::NodeId> ids;
  for (const Suspected& each : suspected_) {
    if (each.accused_here) ids.push_back(each.id);
  }
  return ids;
}

void Beliefs::say_alive(const PeerRecord& record) {
  rumours_.add({RumourKind::alive, record.id, record.incarnation, record.id, {record}}, passes());
}

void Beliefs::say(RumourKind kind, const base::NodeId& subject, std::uint64_t incarnation,
                  const base::NodeId& reporter, std::uint32_t passes) {
  rumours_.add({kind, subject, incarnation, reporter, {}}, passes);
}

std::vector<Beliefs::Suspected>::iterator Beliefs::suspicion_of(const base::NodeId& id) {
  return std::find_if(suspected_.begin(), suspected_.end(),
                      [&](const Suspected& each) { return each.id == id; });
}

}  // namespace zel::overlay
