// Why: fresh memory for a large message costs more than the message, in page faults; so some that was used is kept.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

namespace zel::detail {

/// From any thread.
class Buffers {
 public:
  /// An empty one with room for so many bytes if one is kept, else whatever.
  std::vector<std::byte> take(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    for (auto& kept : kept_) {
      if (kept.capacity() < bytes) continue;
      std::vector<std::byte> found = std::move(kept);
      kept_bytes_ -= found.capacity();
      if (&kept != &kept_.back()) kept = std::move(kept_.back());
      kept_.pop_back();
      return found;
    }
    return {};
  }
  void give(std::vector<std::byte>&& bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes.capacity() < least_bytes || kept_.size() == most || bytes.capacity() > most_bytes - kept_bytes_) return;
    bytes.clear();
    kept_bytes_ += bytes.capacity();
    kept_.push_back(std::move(bytes));
  }

 private:
  static constexpr std::size_t least_bytes = 64u << 10;
  static constexpr std::size_t most_bytes = 64u << 20;
  static constexpr std::size_t most = 8;

  std::mutex mutex_;
  std::vector<std::vector<std::byte>> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace zel::detail
