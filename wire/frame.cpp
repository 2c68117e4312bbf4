#include "wire/frame.hpp"

#include <cassert>
#include <cstring>

namespace zel::wire {

void append_frame(base::Bytes& out, base::ByteView payload) {
  assert(payload.size() <= max_frame_bytes);
  const auto size = static_cast<std::uint32_t>(payload.size());
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::byte>(size >> shift));
  out.insert(out.end(), payload.begin(), payload.end());
}

void FrameReader::feed(base::ByteView bytes) {
  if (start_ > 0) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

base::Result<std::optional<base::ByteView>> FrameReader::next() {
  const std::size_t available = buffer_.size() - start_;
  if (available < frame_header_bytes) return std::optional<base::ByteView>();
  std::uint32_t size = 0;
  for (unsigned i = 0; i < frame_header_bytes; ++i) {
    size |= std::to_integer<std::uint32_t>(buffer_[start_ + i]) << (8 * i);
  }
  if (size > max_frame_bytes) {
    return base::fail(base::Errc::bad_message, "a frame of " + std::to_string(size) + " bytes was announced, " +
                                                   std::to_string(max_frame_bytes) + " is the limit");
  }
  if (available < frame_header_bytes + size) return std::optional<base::ByteView>();
  const base::ByteView frame(buffer_.data() + start_ + frame_header_bytes, size);
  start_ += frame_header_bytes + size;
  return std::optional<base::ByteView>(frame);
}

}  // namespace zel::wire
