// Why: see shared_message.hpp. Little-endian: [version u8][kind u8][epoch u32][key u64], then the value.
#include "libzel/task/shared_message.hpp"

#include <cstddef>

#include "libzel/task/steal_message.hpp"
#include "zel/shared.hpp"

namespace zel::task {
namespace {

constexpr std::size_t key_at = 6;
constexpr std::size_t value_at = key_at + sizeof(std::uint64_t);

template <class T>
void put(base::Bytes& bytes, T number) {
  for (std::size_t i = 0; i < sizeof(T); ++i) bytes.push_back(static_cast<std::byte>(number >> (8 * i)));
}

base::Bytes encode(std::uint8_t kind, std::uint32_t epoch, std::uint64_t key, base::ByteView value) {
  base::Bytes bytes;
  bytes.reserve(value_at + value.size());
  put(bytes, message_version);
  put(bytes, kind);
  put(bytes, epoch);
  put(bytes, key);
  bytes.insert(bytes.end(), value.begin(), value.end());
  return bytes;
}

std::uint8_t kind_of(base::ByteView bytes) {
  return bytes.size() > 1 ? std::to_integer<std::uint8_t>(bytes[1]) : 0;
}

}  // namespace

base::Bytes encode_shared_told(std::uint32_t epoch, std::uint64_t key, base::ByteView value) {
  return encode(shared_told_kind, epoch, key, value);
}

base::Bytes encode_shared_heard(std::uint32_t epoch, std::uint64_t key) {
  return encode(shared_heard_kind, epoch, key, {});
}

bool is_shared_message(base::ByteView bytes) {
  return kind_of(bytes) == shared_told_kind || kind_of(bytes) == shared_heard_kind;
}

std::optional<SharedMessage> decode_shared(base::ByteView bytes) {
  if (!epoch_of(bytes) || !is_shared_message(bytes)) return std::nullopt;
  SharedMessage message{.told = kind_of(bytes) == shared_told_kind};
  const std::size_t longest = value_at + (message.told ? max_shared_bytes : 0);
  if (bytes.size() < value_at || bytes.size() > longest) return std::nullopt;
  for (std::size_t i = 0; i < sizeof message.key; ++i) {
    message.key |= std::to_integer<std::uint64_t>(bytes[key_at + i]) << (8 * i);
  }
  message.value = bytes.subspan(value_at);
  return message;
}

}  // namespace zel::task
