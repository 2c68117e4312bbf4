#include "daemon/schedule/seen_set.hpp"

namespace zel::schedule {

std::size_t SeenSet::Hash::operator()(const Key& key) const noexcept {
  return std::hash<base::NodeId>{}(key.search.seeker) ^
         ((key.search.number * 64 + key.round) * std::size_t{0x9e3779b97f4a7c15u});
}

bool SeenSet::contains(const wire::schedule::SearchId& search, std::uint32_t round) const {
  return members_.contains({search, round});
}

bool SeenSet::insert(const wire::schedule::SearchId& search, std::uint32_t round, base::Time now) {
  while (first_ < order_.size() && now - order_[first_].at >= life_) forget_oldest();
  const Key key{search, round};
  if (!members_.insert(key).second) return false;
  order_.push_back({key, now});
  while (members_.size() > limit_) forget_oldest();
  return true;
}

void SeenSet::forget_oldest() {
  members_.erase(order_[first_].key);
  if (++first_ * 2 < order_.size()) return;
  order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

}  // namespace zel::schedule
