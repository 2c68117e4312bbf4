// Why: a stream socket has no messages, so every protocol of ours cuts its stream the same way: a 32-bit
// little-endian length, then that many bytes. One cutter, one limit.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace zel::wire {

inline constexpr std::size_t frame_header_bytes = 4;
/// No frame of any protocol is larger; a peer that announces more is cut off before a byte is stored.
inline constexpr std::size_t max_frame_bytes = 4u << 20;

/// Appends one frame around `payload` to `out`. `payload` is at most max_frame_bytes (asserted).
void append_frame(base::Bytes& out, base::ByteView payload);

/// Cuts a byte stream into frames. Holds at most one incomplete frame plus what one feed() brought.
class FrameReader {
 public:
  /// Takes bytes as they came from the socket.
  void feed(base::ByteView bytes);
  /// The next whole frame, nothing yet, or bad_message for an oversized announcement (the stream is then
  /// beyond repair: close it). The view is valid until the next call of feed() or next().
  base::Result<std::optional<base::ByteView>> next();

 private:
  base::Bytes buffer_;
  std::size_t start_ = 0;
};

}  // namespace zel::wire
