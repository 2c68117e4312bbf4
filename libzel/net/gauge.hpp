// Why: how fast a path is shows when it is used to the full, not on average. This keeps the best tenth of a second.
// Pure: bytes and the time in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace zel::net {

class Gauge {
 public:
  void add(std::size_t bytes, base::Time now) {
    if (begun_ == base::Time{}) {
      begun_ = last_ = now;  // how long these took cannot be known
      return;
    }
    bytes_ += bytes;
    last_ = now;
    if (now - begun_ < window) return;
    best_ = std::max(best_, rate());
    begun_ = now;
    bytes_ = 0;
  }
  /// Bytes a second; 0: too little came to tell.
  std::uint64_t best() const {
    if (best_ > 0) return best_;
    return bytes_ >= least_bytes && last_ - begun_ >= least_time ? rate() : 0;
  }

 private:
  static constexpr base::Duration window = std::chrono::milliseconds(100);
  static constexpr base::Duration least_time = std::chrono::milliseconds(1);
  static constexpr std::uint64_t least_bytes = 64u << 10;

  std::uint64_t rate() const {
    return static_cast<std::uint64_t>(static_cast<double>(bytes_) / base::seconds(last_ - begun_));
  }

  base::Time begun_{};
  base::Time last_{};
  std::uint64_t bytes_ = 0;  // since begun_
  std::uint64_t best_ = 0;
};

}  // namespace zel::net
