// Why: what goes over a direct link: one header, then a record's payload. A record is framed once, when it is
// sent first, and the same bytes go over whichever link carries it. docs/protocol/paths.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "libzel/net/record.hpp"

namespace zel::net {

enum class FrameType : std::uint8_t {
  record = 1,
  hello,    // number: the link's
  answer,   // the same
  ack,      // number: taken
  drain,    // say drained when all before this has been received
  drained,
};

struct FrameHeader {
  FrameType type = FrameType::record;
  RecordKind kind = RecordKind::whole;  // of a record, like context, tag and total_bytes
  std::uint8_t context = 0;
  std::uint32_t tag = 0;
  std::uint64_t number = 0;  // of the record, or as its type says
  std::uint64_t total_bytes = 0;
  std::uint64_t received = 0;  // hello and answer
  std::uint64_t taken = 0;     // hello and answer
};

inline constexpr std::size_t frame_header_bytes = 40;
inline constexpr std::size_t max_linked_bytes = 256u << 10;  // a record's payload on a link
inline constexpr std::size_t max_link_frame_bytes = frame_header_bytes + max_linked_bytes;

/// A frame that may be on its way over a link and kept for another at once.
using Frame = std::shared_ptr<const base::Bytes>;

Frame make_frame(const FrameHeader& header, std::span<const std::byte> payload = {});
/// Nothing: no frame of ours. The payload is what follows the header.
std::optional<FrameHeader> read_frame(std::span<const std::byte> bytes);
inline std::span<const std::byte> payload_of(std::span<const std::byte> frame) {
  return frame.subspan(frame_header_bytes);
}

}  // namespace zel::net
