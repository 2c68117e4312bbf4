// Why: a peer that makes up searches without end must not make its neighbours flood the whole network with
// them: each peer may bring so many new ones a second (a token bucket), the rest is refused.
#pragma once

#include <cstddef>
#include <map>

#include "base/node_id.hpp"
#include "base/time.hpp"

namespace zel::schedule {

class RequestRate {
 public:
  RequestRate(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

  /// Whether `from` may bring one more now.
  bool take(const base::NodeId& from, base::Time now);
  std::size_t size() const { return buckets_.size(); }

  static constexpr std::size_t max_buckets = 256;

 private:
  struct Bucket {
    double tokens;
    base::Time at;
  };
  void make_room(base::Time now);

  double per_second_;
  double burst_;
  std::map<base::NodeId, Bucket> buckets_;  // of peers whose bucket is not known to be full
};

}  // namespace zel::schedule
