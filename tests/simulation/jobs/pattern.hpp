// Why: a byte that says where in its stream it belongs shows at once that one is missing, doubled or misplaced.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace zel::simulation::jobs {

inline std::uint8_t byte_at(std::uint64_t stream, std::uint64_t place) {
  return static_cast<std::uint8_t>(place * 31 + (place >> 8) * 17 + (place >> 16) * 7 + stream * 101);
}
inline base::Bytes piece_of(std::uint64_t stream, std::uint64_t from, std::uint64_t bytes) {
  base::Bytes piece(bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) piece[i] = static_cast<base::Bytes::value_type>(byte_at(stream, from + i));
  return piece;
}
inline bool belongs_at(std::uint64_t stream, std::uint64_t from, const base::Bytes& piece) {
  for (std::uint64_t i = 0; i < piece.size(); ++i) {
    if (static_cast<std::uint8_t>(piece[i]) != byte_at(stream, from + i)) return false;
  }
  return true;
}

inline constexpr std::uint64_t stdin_stream = 77;
inline std::uint64_t output_stream(std::uint32_t rank, std::uint32_t which) { return rank * 2ULL + which; }

}  // namespace zel::simulation::jobs
