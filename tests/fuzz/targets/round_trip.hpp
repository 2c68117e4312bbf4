// Why: a decoder must survive any bytes; and what it takes must mean one thing: encoded and decoded again it
// is the same message, with the same encoding.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/bytes.hpp"

namespace zel::fuzz {

inline base::ByteView view_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

inline void insist(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

template <class Decode>
void round_trip(base::ByteView bytes, Decode decode) {
  auto message = decode(bytes);
  if (!message) return;
  const base::Bytes encoded = encode(*message);
  auto again = decode(encoded);
  insist(again.has_value(), "what was taken is refused when it comes a second time");
  insist(encode(*again) == encoded, "a message does not come back as it went out");
}

/// For protocols with two directions: the first byte says which.
template <class DecodeOne, class DecodeOther>
void round_trip_either(base::ByteView bytes, DecodeOne one, DecodeOther other) {
  if (bytes.empty()) return;
  if ((bytes.front() & std::byte{1}) == std::byte{0}) return round_trip(bytes.subspan(1), one);
  round_trip(bytes.subspan(1), other);
}

}  // namespace zel::fuzz
