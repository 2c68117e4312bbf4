// Why: an improvement of a shared value travels in the same context as steal messages but is no part of their
// protocol: it may come late, twice or never. See docs/protocol/task.md.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace zel::task {

/// Among the kinds of steal messages, which count from 0: told a value; heard it.
inline constexpr std::uint8_t shared_told_kind = 64;
inline constexpr std::uint8_t shared_heard_kind = 65;

struct SharedMessage {
  bool told = true;       // else heard
  std::uint64_t key = 0;  // which value
  base::ByteView value{};  // if told: packed; of the bytes it was decoded from
};

base::Bytes encode_shared_told(std::uint32_t epoch, std::uint64_t key, base::ByteView value);
base::Bytes encode_shared_heard(std::uint32_t epoch, std::uint64_t key);
/// Whether the bytes claim to be one.
bool is_shared_message(base::ByteView bytes);
/// Nothing if the bytes are not exactly one, of any computation.
std::optional<SharedMessage> decode_shared(base::ByteView bytes);

}  // namespace zel::task
