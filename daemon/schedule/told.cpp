#include "daemon/schedule/told.hpp"

#include <bit>
#include <cstring>

#include "base/random.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

namespace {
constexpr std::uint32_t bits = wire::schedule::told_bytes * 8;
std::byte bit(std::uint32_t position) { return std::byte{1} << (position % 8); }
}  // namespace

Told::Told(const base::Bytes& bytes, std::uint32_t round) : bytes_(bytes), salt_(round) {
  bytes_.resize(wire::schedule::told_bytes);
  for (const auto byte : bytes_)
    bits_set_ += static_cast<std::uint32_t>(std::popcount(std::to_integer<unsigned>(byte)));
}

std::uint32_t Told::position(const base::NodeId& node, std::uint32_t hash) const {
  std::uint64_t mixed = salt_ * 16 + hash;
  for (std::size_t at = 0; at < node.bytes.size(); at += sizeof mixed) {
    std::uint64_t word;
    std::memcpy(&word, node.bytes.data() + at, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    mixed = base::Random(mixed ^ word)();
  }
  return static_cast<std::uint32_t>(mixed % bits);
}

bool Told::contains(const base::NodeId& node) const {
  for (std::uint32_t hash = 0; hash < hashes; ++hash) {
    const auto at = position(node, hash);
    if ((bytes_[at / 8] & bit(at)) == std::byte{0}) return false;
  }
  return true;
}

void Told::add(const base::NodeId& node) {
  if (bits_set_ > bits / 2) return;
  for (std::uint32_t hash = 0; hash < hashes; ++hash) {
    const auto at = position(node, hash);
    if ((bytes_[at / 8] & bit(at)) == std::byte{0}) ++bits_set_;
    bytes_[at / 8] |= bit(at);
  }
}

}  // namespace zel::schedule
