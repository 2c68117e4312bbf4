// Why: see segment.hpp.
#include "libzel/net/segment.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <limits>
#include <utility>

namespace zel::net {

base::Result<Segment> Segment::map(int fd, std::uint64_t bytes) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return base::fail_errno("fstat of the job's shared memory", errno);
  // A mapping longer than its file would end in a bus error instead of an error.
  if (static_cast<std::uint64_t>(status.st_size) < bytes || bytes < segment_bytes_for(2)) {
    return base::fail(base::Errc::bad_message, "the job's shared memory has the wrong size: start the job again "
                                               "with a zrun and zeld of this version");
  }
  void* start = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (start == MAP_FAILED) return base::fail_errno("mmap of the job's shared memory", errno);
  Segment segment(static_cast<std::byte*>(start), bytes);
  std::uint64_t format = 0;
  if (!segment.control().format.compare_exchange_strong(format, segment_format) && format != segment_format) {
    return base::fail(base::Errc::wrong_version, "the job's shared memory was laid out by another version of libzel: "
                                                 "link all ranks with the same one");
  }
  return segment;
}

Segment::Segment(Segment&& other) noexcept
    : start_(std::exchange(other.start_, nullptr)), bytes_(other.bytes_) {}

Segment::~Segment() {
  if (start_) ::munmap(start_, bytes_);
}

std::optional<Ring> Segment::ring(std::uint64_t number) const {
  if (number >= (bytes_ - rings_at) / ring_stride) return std::nullopt;
  const std::uint64_t offset = rings_at + ring_stride * number;
  return Ring{at<RingHeader>(offset), at<std::byte>(offset + sizeof(RingHeader))};
}

std::optional<std::uint32_t> Segment::make_ring() const {
  const std::uint64_t number = control().rings_made.fetch_add(1, std::memory_order_relaxed);
  if (number >= std::numeric_limits<std::uint32_t>::max() || !ring(number)) return std::nullopt;
  return static_cast<std::uint32_t>(number);
}

}  // namespace zel::net
