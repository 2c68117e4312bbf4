#include "daemon/overlay/network_size.hpp"

#include <algorithm>
#include <cstring>

namespace zel::overlay {

namespace {

constexpr std::size_t max_followed = 64;
constexpr double window_sightings = 512;  // then both sums are halved
constexpr double fewest_sightings = 8;

std::uint64_t key_of(const base::NodeId& id) {
  std::uint64_t key;
  std::memcpy(&key, id.bytes.data(), sizeof key);
  return key;
}

}  // namespace

void NetworkSize::received(std::span<const PeerRecord> records, const base::NodeId& self) {
  for (const PeerRecord& record : records) {
    if (record.id == self) continue;
    entries_ += static_cast<double>(followed_.size());
    if (std::find(followed_.begin(), followed_.end(), key_of(record.id)) != followed_.end()) sightings_ += 1;
  }
  if (sightings_ > window_sightings) {
    entries_ /= 2;
    sightings_ /= 2;
  }
  // Only after the whole message: no node comes twice in one.
  bool replaced = false;
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    if (record->id == self) continue;
    const std::uint64_t key = key_of(record->id);
    if (std::find(followed_.begin(), followed_.end(), key) != followed_.end()) continue;
    if (followed_.size() < max_followed) {
      followed_.push_back(key);
    } else if (!replaced) {
      followed_[next_] = key;
      next_ = (next_ + 1) % max_followed;
      replaced = true;
    }
  }
}

void NetworkSize::died(const base::NodeId& id) {
  const auto found = std::find(followed_.begin(), followed_.end(), key_of(id));
  if (found == followed_.end()) return;
  *found = followed_.back();
  followed_.pop_back();
  next_ = followed_.empty() ? 0 : next_ % followed_.size();
}

double NetworkSize::perceived() const {
  return sightings_ < fewest_sightings ? 0 : entries_ / sightings_ + 1;
}

}  // namespace zel::overlay
