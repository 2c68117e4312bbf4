#include "daemon/overlay/failure_detector.hpp"

#include <algorithm>

namespace zel::overlay {

namespace {

constexpr int honest_awareness = 2;  // above, this node is too slow to measure others
// A description nobody renewed for so long is of a node that is gone, or the tombstone of which is forgotten.
constexpr base::Duration stale_after = std::chrono::minutes(5);

}  // namespace

FailureDetector::FailureDetector(const Config& config, const PeerRecord& self, Beliefs& beliefs,
                                 PeerTable& peers, Actions& out, base::Random random, base::Time now)
    : config_(config),
      self_(self),
      beliefs_(beliefs),
      peers_(peers),
      out_(out),
      random_(random),
      next_reconnect_(now + config.reconnect_interval) {
  // Nodes that start together do not probe together.
  next_round_ = now + base::Duration(static_cast<base::Duration::rep>(
                          random_.below(static_cast<std::size_t>(config.probe_interval.count()))));
}

void FailureDetector::on_timer(base::Time now) {
  for (std::size_t i = 0; i < probes_.size();) {
    if (probes_[i].end <= now) {
      const Probe failed = std::move(probes_[i]);
      probes_.erase(probes_.begin() + static_cast<std::ptrdiff_t>(i));
      fail(failed, now);
      continue;
    }
    if (probes_[i].stage == Stage::direct) {
      if (probes_[i].ask_others <= now) {
        ask_others(probes_[i], now);
      } else if (probes_[i].again <= now) {
        ping_again(probes_[i], now);
      }
    }
    ++i;
  }
  std::erase_if(errands_, [&](const Errand& errand) {
    if (errand.end > now) return false;
    out_.push_back(Send{errand.asker, wire::overlay::IndirectAck{errand.asker_sequence, false}});
    return true;
  });
  if (now >= next_telling_) {
    next_telling_ = base::never;
    tell_accused();
  }
  if (now >= next_round_) start_round(now);
  if (now >= next_reconnect_) {
    next_reconnect_ = now + config_.reconnect_interval;
    reconnect();
  }
}

base::Time FailureDetector::next_deadline() const {
  base::Time next = std::min({next_round_, next_reconnect_, next_telling_});
  for (const Probe& probe : probes_)
    next = std::min(next, probe.stage == Stage::direct ? std::min(probe.again, probe.ask_others) : probe.end);
  for (const Errand& errand : errands_) next = std::min(next, errand.end);
  return next;
}

void FailureDetector::start_round(base::Time now) {
  next_round_ = now + config_.probe_interval;
  const PeerTable::Slot target = next_target();
  if (target != PeerTable::none) {
    // Behind a NAT, say: others may reach it. But somebody must have heard of it.
    if (!peers_[target].reached && now - peers_[target].fresh > stale_after &&
        !peers_[target].used_for(Use::watched)) {
      beliefs_.lose(target, now);
    } else {
      probe(target, now);
    }
  }
  next_telling_ = tell_accused() ? now + config_.probe_timeout : base::never;
  for (const Watch& watched : watches_) {
    const PeerTable::Slot slot = peers_.find(watched.id);
    if (slot == PeerTable::none) continue;
    peers_.hold(slot, Use::watched);
    probe(slot, now);
  }
}

/// Round robin over everyone in the view and all neighbours, in another random order at every turn.
PeerTable::Slot FailureDetector::next_target() {
  for (int turn = 0; turn < 2; ++turn) {
    while (!order_.empty()) {
      const PeerTable::Slot slot = order_.back();
      order_.pop_back();
      if (peers_[slot].uses != 0) return slot;
    }
    peers_.for_each([&](PeerTable::Slot slot) {
      const Peer& peer = peers_[slot];
      const bool probed = peer.used_for(Use::view) || peer.used_for(Use::close) || peer.used_for(Use::far) ||
                          peer.used_for(Use::inbound);
      if (probed) order_.push_back(slot);
    });
    base::shuffle(order_, random_);
  }
  return PeerTable::none;
}

void FailureDetector::probe(PeerTable::Slot slot, base::Time now) {
  const PeerRecord& to = peers_[slot].record;
  if (probes_.size() >= max_probes || probe_of(to.id) != probes_.end()) return;
  const base::Duration timeout = patience(config_.probe_timeout);
  // Those asked to try take one timeout themselves, and their answer needs its way.
  const base::Duration whole = std::max(patience(config_.probe_interval), timeout * 5 / 2);
  probes_.push_back({next_sequence_, to.id, now, now + timeout, now + whole, Stage::direct, now + config_.probe_timeout,
                     false, 0, {}});
  send_ping(to, next_sequence_++);
}

/// Patience that only waits does not help where messages get lost.
void FailureDetector::ping_again(Probe& probe, base::Time now) {
  probe.again = now + config_.probe_timeout;
  probe.repeated = true;
  const PeerTable::Slot slot = peers_.find(probe.target);
  if (slot != PeerTable::none) send_ping(peers_[slot].record, probe.sequence);
}

/// The accused get the accusation until they object or the time is over.
bool FailureDetector::tell_accused() {
  const auto accused = beliefs_.accused_here();
  for (const base::NodeId& id : accused) {
    const PeerTable::Slot slot = peers_.find(id);
    if (slot != PeerTable::none) send_ping(peers_[slot].record, 0);
  }
  return !accused.empty();
}

void FailureDetector::measure(PeerTable::Slot slot, base::Time now) { probe(slot, now); }

void FailureDetector::send_ping(const PeerRecord& to, std::uint64_t sequence) {
  const PeerTable::Slot slot = peers_.find(to.id);
  const bool neighbour =
      slot != PeerTable::none && (peers_[slot].used_for(Use::close) || peers_[slot].used_for(Use::far));
  out_.push_back(Send{to, wire::overlay::Ping{sequence, self_, {}, neighbour}});
}

void FailureDetector::ask_others(Probe& probe, base::Time now) {
  probe.stage = Stage::indirect;
  const PeerTable::Slot slot = peers_.find(probe.target);
  if (slot == PeerTable::none) return;
  const PeerRecord target = peers_[slot].record;
  std::vector<PeerTable::Slot> helpers;
  const auto add = [&](PeerTable::Slot helper) {
    const bool fits = helper != PeerTable::none && helper != slot &&
                      peers_[helper].state == PeerState::alive && helpers.size() < config_.indirect_probes &&
                      std::find(helpers.begin(), helpers.end(), helper) == helpers.end();
    if (fits) helpers.push_back(helper);
  };
  for (const base::NodeId& relay : target.relays) add(peers_.find(relay));
  // Twice as many as needed, since some are suspected themselves.
  for (const PeerTable::Slot helper : peers_.sample(Use::view, config_.indirect_probes * 2 + 2, random_))
    add(helper);
  for (const PeerTable::Slot helper : helpers) {
    out_.push_back(Send{peers_[helper].record, wire::overlay::PingRequest{probe.sequence, target}});
  }
  probe.helpers = helpers.size();
  // A link that broke leads here before its time.
  probe.end = std::min(probe.end, now + patience(config_.probe_timeout) * 3 / 2);
}

void FailureDetector::fail(const Probe& probe, base::Time now) {
  // Helpers that say nothing at all make this node's own connection suspect.
  const auto silent = static_cast<int>(probe.helpers - std::min(probe.helpers, probe.nacks.size()));
  change_awareness(probe.helpers == 0 ? 1 : silent);
  const PeerTable::Slot slot = peers_.find(probe.target);
  if (slot == PeerTable::none || !peers_[slot].reached) return;
  beliefs_.accuse(slot, probe.nacks, now);
}

void FailureDetector::on_ping(const wire::overlay::Ping& ping) {
  out_.push_back(Send{ping.self, wire::overlay::Ack{ping.sequence, self_, {}}});
}

std::optional<base::Duration> FailureDetector::on_ack(const wire::overlay::Ack& ack, base::Time now) {
  const auto errand = std::find_if(errands_.begin(), errands_.end(), [&](const Errand& each) {
    return each.sequence == ack.sequence && each.target == ack.self.id;
  });
  if (errand != errands_.end()) {
    out_.push_back(Send{errand->asker, wire::overlay::IndirectAck{errand->asker_sequence, true}});
    errands_.erase(errand);
    return std::nullopt;
  }
  const auto probe = probe_of(ack.sequence);
  if (probe == probes_.end() || probe->target != ack.self.id) return std::nullopt;
  const base::Duration rtt = now - probe->sent;
  const bool repeated = probe->repeated;
  probes_.erase(probe);
  beliefs_.answered(ack.self.id, now);
  const bool trusted = !repeated && awareness_ <= honest_awareness;
  change_awareness(-1);
  return trusted ? std::optional(rtt) : std::nullopt;
}

void FailureDetector::on_ping_request(const PeerRecord& asker, const wire::overlay::PingRequest& request,
                                      base::Time now) {
  if (request.target.id == self_.id) {
    out_.push_back(Send{asker, wire::overlay::IndirectAck{request.sequence, true}});
    return;
  }
  if (errands_.size() >= max_errands) {
    ++refused_;
    return;
  }
  errands_.push_back(
      {next_sequence_, request.target.id, asker, request.sequence, now + config_.probe_timeout});
  const PeerTable::Slot slot = peers_.find(request.target.id);
  send_ping(slot == PeerTable::none ? request.target : peers_[slot].record, next_sequence_++);
}

void FailureDetector::on_indirect_ack(const base::NodeId& from, const wire::overlay::IndirectAck& answer,
                                      base::Time now) {
  const auto probe = probe_of(answer.sequence);
  if (probe == probes_.end() || probe->stage != Stage::indirect) return;
  if (answer.reached) {
    beliefs_.answered(probe->target, now);
    probes_.erase(probe);
    change_awareness(-1);
  } else if (probe->nacks.size() < probe->helpers &&
             std::find(probe->nacks.begin(), probe->nacks.end(), from) == probe->nacks.end()) {
    probe->nacks.push_back(from);
  }
}

void FailureDetector::on_unreachable(const base::NodeId& peer, base::Time now) {
  const auto found = probe_of(peer);
  if (found != probes_.end()) {
    if (found->stage == Stage::direct) ask_others(*found, now);
    return;
  }
  const PeerTable::Slot slot = peers_.find(peer);
  if (slot == PeerTable::none || !peers_[slot].reached || peers_[slot].state != PeerState::alive) return;
  if (probes_.size() >= max_probes) return;
  const base::Time end = now + patience(config_.probe_timeout) * 2;
  probes_.push_back({next_sequence_++, peer, now, now, end, Stage::direct, base::never, false, 0, {}});
  ask_others(probes_.back(), now);
}

void FailureDetector::watch(const base::NodeId& id) {
  for (Watch& watch : watches_) {
    if (watch.id == id) {
      ++watch.count;
      return;
    }
  }
  if (watches_.size() < max_watched) watches_.push_back({id, 1});
}

void FailureDetector::unwatch(const base::NodeId& id) {
  const auto found =
      std::find_if(watches_.begin(), watches_.end(), [&](const Watch& watch) { return watch.id == id; });
  if (found == watches_.end() || --found->count > 0) return;
  watches_.erase(found);
  const PeerTable::Slot slot = peers_.find(id);
  if (slot != PeerTable::none) peers_.release(slot, Use::watched);
}

bool FailureDetector::watches(const base::NodeId& id) const {
  return std::any_of(watches_.begin(), watches_.end(), [&](const Watch& watch) { return watch.id == id; });
}

/// Heals partitions: each side holds the other dead and would never talk to it again.
void FailureDetector::reconnect() {
  if (const Tombstone* stone = beliefs_.tombstones().random_dead(random_)) send_ping(*stone->record, 0);
}

void FailureDetector::stalled(base::Time now) {
  probes_.clear();
  errands_.clear();
  next_round_ = now;
  change_awareness(2);
}

void FailureDetector::change_awareness(int by) {
  awareness_ = std::clamp(awareness_ + by, 0, config_.awareness_max);
}

std::vector<FailureDetector::Probe>::iterator FailureDetector::probe_of(const base::NodeId& id) {
  return std::find_if(probes_.begin(), probes_.end(), [&](const Probe& probe) { return probe.target == id; });
}

std::vector<FailureDetector::Probe>::iterator FailureDetector::probe_of(std::uint64_t sequence) {
  const auto found =
      std::lower_bound(probes_.begin(), probes_.end(), sequence,
                       [](const Probe& probe, std::uint64_t wanted) { return probe.sequence < wanted; });
  return found != probes_.end() && found->sequence == sequence ? found : probes_.end();
}

}  // namespace zel::overlay
