#include "daemon/overlay/tombstones.hpp"

#include <algorithm>
#include <cstring>

namespace zel::overlay {

namespace {

std::uint64_t key_of(const base::NodeId& id) {
  std::uint64_t key;
  std::memcpy(&key, id.bytes.data(), sizeof key);
  return key;
}

}  // namespace

std::size_t Tombstones::place_of(const base::NodeId& id) const {
  const std::uint64_t key = key_of(id);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i] == key && stones_[i].id == id) return i;
  }
  return keys_.size();
}

void Tombstones::add(const base::NodeId& id, std::uint64_t incarnation, PeerState state,
                     std::unique_ptr<PeerRecord> record, base::Time until) {
  if (const std::size_t place = place_of(id); place < stones_.size()) {
    if (!record) record = std::move(stones_[place].record);
    until = std::max(until, stones_[place].until);
    remove_at(place);
  }
  if (most_ == 0) return;
  if (stones_.size() >= most_) remove_at(0);
  std::size_t place = stones_.size();
  while (place > 0 && stones_[place - 1].until > until) --place;
  const auto offset = static_cast<std::ptrdiff_t>(place);
  stones_.insert(stones_.begin() + offset, {id, incarnation, state, until, std::move(record)});
  keys_.insert(keys_.begin() + offset, key_of(id));
}

void Tombstones::correct(const base::NodeId& id, std::uint64_t incarnation) {
  const std::size_t place = place_of(id);
  if (place < stones_.size()) stones_[place].incarnation = incarnation;
}

const Tombstone* Tombstones::find(const base::NodeId& id) const {
  const std::size_t place = place_of(id);
  return place == stones_.size() ? nullptr : &stones_[place];
}

void Tombstones::remove(const base::NodeId& id) {
  const std::size_t place = place_of(id);
  if (place < stones_.size()) remove_at(place);
}

void Tombstones::remove_at(std::size_t place) {
  stones_.erase(stones_.begin() + static_cast<std::ptrdiff_t>(place));
  keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(place));
}

void Tombstones::expire(base::Time now) {
  while (!stones_.empty() && stones_.front().until <= now) remove_at(0);
}

const Tombstone* Tombstones::random_dead(base::Random& random) const {
  const auto can_be_tried = [](const Tombstone& stone) {
    return stone.state == PeerState::dead && stone.record;
  };
  const auto count = std::count_if(stones_.begin(), stones_.end(), can_be_tried);
  std::size_t skip = random.below(static_cast<std::size_t>(count));
  for (const Tombstone& stone : stones_) {
    if (can_be_tried(stone) && skip-- == 0) return &stone;
  }
  return nullptr;
}

}  // namespace zel::overlay
