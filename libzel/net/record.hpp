// Why: what lies in a ring. A record is a header and its payload, begins at a multiple of 64 bytes and never
// wraps, so that a small message is one cache line: the reader waits on the very line that holds the message.
//
// The stamp says that a record is complete: it is stored last (release), and it depends on the position, so
// that what an earlier lap left cannot be taken for a record. (Payload could look like a stamp; therefore
// the writer clears the line after a record before it stamps the record.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libzel/net/segment_layout.hpp"

namespace zel::net {

enum class RecordKind : std::uint8_t {
  skip = 1,  // nothing until the ring's end; the next record is at its start
  whole,     // a message
  first,     // the begin of a message of `total_bytes`
  more,      // the next bytes of it
  abandon,   // the rest of the message will not come
};

struct RecordHeader {
  std::uint32_t stamp;
  std::uint32_t payload_bytes;
  std::uint32_t tag;
  RecordKind kind;
  std::uint8_t context;
  std::uint16_t unused;
};
static_assert(sizeof(RecordHeader) == 16);

/// A record as the reader sees it: the header was copied and checked, the payload lies in the ring.
struct Record {
  RecordKind kind = RecordKind::whole;
  std::uint8_t context = 0;
  std::uint32_t tag = 0;
  std::uint64_t total_bytes = 0;  // of the message; 0 for more and abandon
  std::span<const std::byte> payload;
};

/// first has the message's size between header and payload.
inline constexpr std::size_t first_header_bytes = sizeof(RecordHeader) + sizeof(std::uint64_t);
inline constexpr std::size_t max_payload_bytes = max_record_bytes - line_bytes;

constexpr std::size_t header_bytes(RecordKind kind) {
  return kind == RecordKind::first ? first_header_bytes : sizeof(RecordHeader);
}
constexpr std::uint64_t record_bytes(RecordKind kind, std::size_t payload) {
  return (header_bytes(kind) + payload + line_bytes - 1) / line_bytes * line_bytes;
}
/// Whether kind and sizes go together. Tag, context and order are the intake's to check.
constexpr bool is_record(RecordKind kind, std::uint64_t total_bytes, std::size_t payload_bytes) {
  switch (kind) {
    case RecordKind::whole: return total_bytes == payload_bytes;
    case RecordKind::first:
    case RecordKind::more: return true;
    case RecordKind::abandon: return payload_bytes == 0;
    case RecordKind::skip: break;
  }
  return false;
}
/// Never 0, which means "nothing here yet".
constexpr std::uint32_t stamp_at(std::uint64_t position) {
  return static_cast<std::uint32_t>(position / line_bytes) | 0x8000'0000u;
}
constexpr std::uint64_t offset_of(std::uint64_t position) { return position & (ring_bytes - 1); }

}  // namespace zel::net
