// Why: see frame.hpp. Little-endian, whatever the machine.
#include "libzel/net/frame.hpp"

#include <cstring>

namespace zel::net {

namespace {

template <class Number>
void put(std::byte* at, Number number) {
  for (std::size_t byte = 0; byte < sizeof number; ++byte) at[byte] = static_cast<std::byte>(number >> (8 * byte));
}

template <class Number>
Number get(const std::byte* at) {
  Number number = 0;
  for (std::size_t byte = 0; byte < sizeof number; ++byte) {
    number |= static_cast<Number>(static_cast<Number>(at[byte]) << (8 * byte));
  }
  return number;
}

}  // namespace

Frame make_frame(const FrameHeader& header, std::span<const std::byte> payload) {
  auto frame = std::make_shared<base::Bytes>();
  frame->reserve(frame_header_bytes + payload.size());
  frame->resize(frame_header_bytes);
  std::byte* at = frame->data();
  at[0] = static_cast<std::byte>(header.type);
  at[1] = static_cast<std::byte>(header.kind);
  at[2] = static_cast<std::byte>(header.context);
  at[3] = std::byte{0};
  put(at + 4, header.tag);
  put(at + 8, header.number);
  put(at + 16, header.total_bytes);
  put(at + 24, header.received);
  put(at + 32, header.taken);
  frame->insert(frame->end(), payload.begin(), payload.end());
  return frame;
}

std::optional<FrameHeader> read_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < frame_header_bytes || bytes.size() > max_link_frame_bytes) return std::nullopt;
  const std::byte* at = bytes.data();
  const auto type = static_cast<std::uint8_t>(at[0]);
  if (type < static_cast<std::uint8_t>(FrameType::record) || type > static_cast<std::uint8_t>(FrameType::drained)) {
    return std::nullopt;
  }
  FrameHeader header;
  header.type = static_cast<FrameType>(type);
  header.kind = static_cast<RecordKind>(at[1]);
  header.context = static_cast<std::uint8_t>(at[2]);
  header.tag = get<std::uint32_t>(at + 4);
  header.number = get<std::uint64_t>(at + 8);
  header.total_bytes = get<std::uint64_t>(at + 16);
  header.received = get<std::uint64_t>(at + 24);
  header.taken = get<std::uint64_t>(at + 32);
  const std::size_t payload_bytes = bytes.size() - frame_header_bytes;
  const bool good = header.type == FrameType::record ? is_record(header.kind, header.total_bytes, payload_bytes) : payload_bytes == 0;
  if (!good) return std::nullopt;
  return header;
}

}  // namespace zel::net
