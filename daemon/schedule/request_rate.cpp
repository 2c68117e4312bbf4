#include "daemon/schedule/request_rate.hpp"

#include <algorithm>

namespace zel::schedule {

bool RequestRate::take(const base::NodeId& from, base::Time now) {
  auto found = buckets_.find(from);
  if (found == buckets_.end()) {
    make_room(now);
    found = buckets_.emplace(from, Bucket{burst_, now}).first;
  }
  auto& bucket = found->second;
  bucket.tokens = std::min(burst_, bucket.tokens + base::seconds(now - bucket.at) * per_second_);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void RequestRate::make_room(base::Time now) {
  if (buckets_.size() < 8) return;
  std::erase_if(buckets_, [&](const auto& entry) {
    return entry.second.tokens + base::seconds(now - entry.second.at) * per_second_ >= burst_;
  });
  if (buckets_.size() < max_buckets) return;
  // Who has asked least of late is the one to forget.
  buckets_.erase(std::max_element(buckets_.begin(), buckets_.end(), [](const auto& a, const auto& b) {
    return a.second.tokens < b.second.tokens;
  }));
}

}  // namespace zel::schedule
