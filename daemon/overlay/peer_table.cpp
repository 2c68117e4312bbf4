#include "daemon/overlay/peer_table.hpp"

#include <algorithm>
#include <cassert>

namespace zel::overlay {

std::size_t PeerTable::place_of(const base::NodeId& id) const {
  return std::hash<base::NodeId>{}(id) & (index_.size() - 1);
}

PeerTable::Slot PeerTable::find(const base::NodeId& id) const {
  if (index_.empty()) return none;
  for (std::size_t place = place_of(id);; place = (place + 1) & (index_.size() - 1)) {
    const Slot slot = index_[place];
    if (slot == none || (*this)[slot].record.id == id) return slot;
  }
}

void PeerTable::index(Slot slot) {
  std::size_t place = place_of((*this)[slot].record.id);
  while (index_[place] != none) place = (place + 1) & (index_.size() - 1);
  index_[place] = slot;
}

void PeerTable::unindex(Slot slot) {
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = place_of((*this)[slot].record.id);
  while (index_[hole] != slot) hole = (hole + 1) & mask;
  // Whoever was pushed past the hole moves back into it.
  for (std::size_t next = (hole + 1) & mask; index_[next] != none; next = (next + 1) & mask) {
    const std::size_t home = place_of((*this)[index_[next]].record.id);
    if (((next - home) & mask) >= ((next - hole) & mask)) {
      index_[hole] = index_[next];
      hole = next;
    }
  }
  index_[hole] = none;
}

PeerTable::Slot PeerTable::add(const PeerRecord& record, Use use, base::Time now) {
  assert(find(record.id) == none);
  if (count_ >= capacity) return none;
  if (free_.empty()) {
    const std::size_t first = chunks_.size() * chunk_size;
    chunks_.push_back(std::make_unique<Chunk>());
    for (std::size_t i = chunk_size; i > 0; --i) free_.push_back(static_cast<Slot>(first + i - 1));
  }
  ++count_;
  const Slot slot = free_.back();
  free_.pop_back();
  (*this)[slot].record = record;
  (*this)[slot].fresh = now;
  if (index_.size() < count_ * 2) {
    std::vector<Slot> old = std::move(index_);
    index_.assign(std::max<std::size_t>(old.size() * 2, 16), none);
    for (const Slot each : old) {
      if (each != none) index(each);
    }
  }
  index(slot);
  hold(slot, use);
  return slot;
}

void PeerTable::hold(Slot slot, Use use) {
  Peer& peer = (*this)[slot];
  if (peer.used_for(use)) return;
  peer.uses = static_cast<std::uint8_t>(peer.uses | 1u << static_cast<unsigned>(use));
  lists_[static_cast<std::size_t>(use)].push_back(slot);
}

void PeerTable::release(Slot slot, Use use) {
  Peer& peer = (*this)[slot];
  if (!peer.used_for(use)) return;
  peer.uses = static_cast<std::uint8_t>(peer.uses & ~(1u << static_cast<unsigned>(use)));
  auto& list = lists_[static_cast<std::size_t>(use)];
  *std::find(list.begin(), list.end(), slot) = list.back();
  list.pop_back();
  if (peer.uses != 0) return;
  unindex(slot);
  peer = Peer();
  free_.push_back(slot);
  --count_;
}

void PeerTable::forget(Slot slot) {
  for (std::size_t use = 0; use < use_count; ++use) release(slot, static_cast<Use>(use));
}

std::span<const PeerTable::Slot> PeerTable::sample(Use use, std::size_t count, base::Random& random) {
  auto& list = lists_[static_cast<std::size_t>(use)];
  count = std::min(count, list.size());
  for (std::size_t i = 0; i < count; ++i) std::swap(list[i], list[i + random.below(list.size() - i)]);
  return std::span<const Slot>(list).first(count);
}

}  // namespace zel::overlay
