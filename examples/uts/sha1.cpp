// Why: see sha1.hpp. The eighty rounds are unrolled by the compiler: a node of the tree is little else.
#include "sha1.hpp"

#include <bit>
#include <utility>

namespace uts {
namespace {

constexpr std::size_t block_bytes = 64;
constexpr std::size_t length_bytes = 8;

// The function and the constant of round T.
template <std::size_t T>
constexpr std::uint32_t mixed(std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  if constexpr (T < 20) return (d ^ (b & (c ^ d))) + 0x5a827999u;
  if constexpr (T >= 20 && T < 40) return (b ^ c ^ d) + 0x6ed9eba1u;
  if constexpr (T >= 40 && T < 60) return ((b & c) | (d & (b | c))) + 0x8f1bbcdcu;
  if constexpr (T >= 60) return (b ^ c ^ d) + 0xca62c1d6u;
}

// The word of round T; of the schedule only the last sixteen words are kept.
template <std::size_t T>
constexpr std::uint32_t scheduled(Sha1Block& w) {
  if constexpr (T >= 16) {
    w[T % 16] = std::rotl(w[(T - 3) % 16] ^ w[(T - 8) % 16] ^ w[(T - 14) % 16] ^ w[T % 16], 1);
  }
  return w[T % 16];
}

// Round T renames its variables instead of moving their values: `a` of one round is `b` of the next.
template <std::size_t T>
constexpr void round(Sha1Digest& v, Sha1Block& w) {
  std::uint32_t& a = v[(80 - T) % 5];
  std::uint32_t& b = v[(81 - T) % 5];
  std::uint32_t& c = v[(82 - T) % 5];
  std::uint32_t& d = v[(83 - T) % 5];
  std::uint32_t& e = v[(84 - T) % 5];
  e += std::rotl(a, 5) + mixed<T>(b, c, d) + scheduled<T>(w);
  b = std::rotl(b, 30);
}

template <std::size_t... T>
constexpr void all_rounds(Sha1Digest& v, Sha1Block& w, std::index_sequence<T...>) {
  (round<T>(v, w), ...);
}

Sha1Block block_of(std::span<const std::byte, block_bytes> bytes) {
  Sha1Block block{};
  for (std::size_t i = 0; i < block_bytes; ++i) {
    block[i / 4] = (block[i / 4] << 8U) | std::to_integer<std::uint32_t>(bytes[i]);
  }
  return block;
}

}  // namespace

Sha1Digest sha1_compress(const Sha1Digest& before, const Sha1Block& block) {
  Sha1Digest v = before;
  Sha1Block w = block;
  all_rounds(v, w, std::make_index_sequence<80>{});
  for (std::size_t i = 0; i < v.size(); ++i) v[i] += before[i];
  return v;
}

Sha1Digest sha1(std::span<const std::byte> message) {
  const std::uint64_t bits = std::uint64_t{message.size()} * 8;
  Sha1Digest digest = sha1_start;
  while (message.size() >= block_bytes) {
    digest = sha1_compress(digest, block_of(message.first<block_bytes>()));
    message = message.subspan(block_bytes);
  }
  std::array<std::byte, block_bytes> last{};
  for (std::size_t i = 0; i < message.size(); ++i) last[i] = message[i];
  last[message.size()] = std::byte{0x80};
  if (message.size() >= block_bytes - length_bytes) {
    digest = sha1_compress(digest, block_of(last));
    last = {};
  }
  for (std::size_t i = 0; i < length_bytes; ++i) {
    last[block_bytes - 1 - i] = static_cast<std::byte>((bits >> (8 * i)) & 0xffU);
  }
  return sha1_compress(digest, block_of(last));
}

}  // namespace uts
