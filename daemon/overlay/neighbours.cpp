#include "daemon/overlay/neighbours.hpp"

#include <algorithm>

namespace zel::overlay {

namespace {

constexpr std::size_t measured_at_once = 3;

}  // namespace

double distance_to_s(const Peer& peer, const Coordinates& coordinates) {
  return peer.rtt.empty() ? distance_s(coordinates.own(), Point::of(peer.record.coordinate))
                          : peer.rtt.median_s();
}

Neighbours::Neighbours(const Config& config, const Coordinates& coordinates, PeerTable& peers,
                       base::Random random, base::Time now)
    : config_(config),
      coordinates_(coordinates),
      peers_(peers),
      random_(random),
      next_(now + config.probe_interval) {}

void Neighbours::on_timer(base::Time now) {
  if (now < next_) return;
  choose_close();
  choose_far();
  // While there are too few, the next ones are looked for soon.
  const bool few = peers_.members(Use::close).size() < config_.close_neighbours;
  next_ = now + (few ? config_.probe_interval : config_.neighbour_interval);
}

/// The nearest of the view and of those kept so far. What is near by estimate only is measured, a few at a
/// time.
void Neighbours::choose_close() {
  struct Candidate {
    double distance_s;
    PeerTable::Slot slot;
  };
  std::vector<Candidate> candidates;
  peers_.for_each([&](PeerTable::Slot slot) {
    const Peer& peer = peers_[slot];
    const bool offered = peer.used_for(Use::view) || peer.used_for(Use::close) || peer.used_for(Use::inbound);
    if (offered && peer.state == PeerState::alive)
      candidates.push_back({distance_to_s(peer, coordinates_), slot});
  });
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.distance_s != b.distance_s ? a.distance_s < b.distance_s : a.slot < b.slot;
  });
  const std::size_t count = std::min(candidates.size(), config_.close_neighbours);
  for (std::size_t i = 0; i < count; ++i) {
    const Peer& peer = peers_[candidates[i].slot];
    if (peer.rtt.empty() && unmeasured_.size() < measured_at_once) unmeasured_.push_back(peer.record.id);
    peers_.hold(candidates[i].slot, Use::close);
    peers_.release(candidates[i].slot, Use::far);
  }
  for (std::size_t i = count; i < candidates.size(); ++i) peers_.release(candidates[i].slot, Use::close);
  // Who is suspected gives its place to another; it is kept until the verdict all the same.
  const auto close = peers_.members(Use::close);
  for (const PeerTable::Slot slot : std::vector<PeerTable::Slot>(close.begin(), close.end())) {
    if (peers_[slot].state != PeerState::alive) peers_.release(slot, Use::close);
  }
}

void Neighbours::choose_far() {
  for (const PeerTable::Slot slot : peers_.sample(Use::view, config_.view_size, random_)) {
    if (peers_.members(Use::far).size() >= config_.random_neighbours) return;
    if (!peers_[slot].used_for(Use::close) && peers_[slot].state == PeerState::alive)
      peers_.hold(slot, Use::far);
  }
}

void Neighbours::counted_by(const PeerRecord& record, Beliefs& beliefs, base::Time now) {
  const PeerTable::Slot slot = peers_.find(record.id);
  if (slot != PeerTable::none) {
    const Peer& peer = peers_[slot];
    if (peer.used_for(Use::close) || peer.used_for(Use::far) || peer.used_for(Use::inbound)) return;
  }
  const auto inbound = peers_.members(Use::inbound);
  if (inbound.size() >= config_.random_neighbours * 2) {
    peers_.release(inbound[random_.below(inbound.size())], Use::inbound);
  }
  if (slot == PeerTable::none) {
    if (beliefs.hear(record, now) == Beliefs::Heard::unknown) beliefs.add(record, Use::inbound, now);
  } else {
    peers_.hold(slot, Use::inbound);
  }
}

std::vector<PeerTable::Slot> Neighbours::all() const {
  std::vector<std::pair<double, PeerTable::Slot>> found;
  for (const Use use : {Use::close, Use::far, Use::inbound}) {
    for (const PeerTable::Slot slot : peers_.members(use)) {
      const Peer& peer = peers_[slot];
      const bool seen = (use == Use::far && peer.used_for(Use::close)) ||
                        (use == Use::inbound && (peer.used_for(Use::close) || peer.used_for(Use::far)));
      if (!seen && peer.state == PeerState::alive)
        found.emplace_back(distance_to_s(peer, coordinates_), slot);
    }
  }
  std::sort(found.begin(), found.end());
  std::vector<PeerTable::Slot> slots;
  slots.reserve(found.size());
  for (const auto& [distance, slot] : found) slots.push_back(slot);
  return slots;
}

}  // namespace zel::overlay
