// Why: owns the mapping of a job's shared memory and hands out its parts, never one that is outside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "libzel/net/segment_layout.hpp"

namespace zel::net {

struct Ring {
  RingHeader* header = nullptr;
  std::byte* records = nullptr;
};

class Segment {
 public:
  /// Maps `bytes` of `fd` (which may be closed afterwards). Fails when the file is shorter, too small for
  /// any ring, or was laid out by another version.
  static base::Result<Segment> map(int fd, std::uint64_t bytes);
  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&&) = delete;
  ~Segment();

  Control& control() const { return *at<Control>(0); }
  /// `rank` is below max_local_members.
  Inbox& inbox(int rank) const { return *at<Inbox>(inboxes_at + inbox_stride * static_cast<std::uint64_t>(rank)); }
  /// Ring number `number`, or nothing if the segment has no such ring.
  std::optional<Ring> ring(std::uint64_t number) const;
  /// The number of a ring nobody else has; nothing when the segment is used up. A sender that dies here
  /// wastes a number, no memory.
  std::optional<std::uint32_t> make_ring() const;

 private:
  Segment(std::byte* start, std::uint64_t bytes) : start_(start), bytes_(bytes) {}
  template <class T>
  T* at(std::uint64_t offset) const {
    return reinterpret_cast<T*>(start_ + offset);
  }

  std::byte* start_;
  std::uint64_t bytes_;
};

}  // namespace zel::net
