// Why: how much one rank may have posted to another before it hears that some was taken in. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/member.hpp"

namespace zel::net {

/// What a post counts in its window, so that empty ones are bounded too.
constexpr std::size_t post_cost_bytes(std::size_t payload_bytes) {
  return payload_bytes + wire::member::post_overhead_bytes;
}

/// A quarter of the window is what a sender wants at most, and what a receiver keeps to itself at most before
/// it gives credit. So a sender that waits has always something to wait for.
inline constexpr std::size_t window_quarter_bytes = wire::member::post_window_bytes / 4;
inline constexpr std::size_t max_posted_bytes = window_quarter_bytes - wire::member::post_overhead_bytes;
static_assert(max_posted_bytes <= wire::member::max_post_bytes);

class PostWindow {
 public:
  bool has_room(std::size_t payload_bytes) const {
    return on_the_way_ + post_cost_bytes(payload_bytes) <= wire::member::post_window_bytes;
  }
  void take(std::size_t payload_bytes) { on_the_way_ += post_cost_bytes(payload_bytes); }
  /// False: credit for more than was posted.
  bool give_back(std::uint32_t bytes) {
    if (bytes > on_the_way_) return false;
    on_the_way_ -= bytes;
    return true;
  }

 private:
  std::size_t on_the_way_ = 0;
};

}  // namespace zel::net
