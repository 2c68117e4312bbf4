// Why: the tree's random numbers are SHA-1 digests, so that any node can be made from its parent alone, on
// any machine, and has the same children everywhere. FIPS 180-4, sections 5 and 6.1; not for secrets.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace uts {

using Sha1Digest = std::array<std::uint32_t, 5>;  // H0 to H4
using Sha1Block = std::array<std::uint32_t, 16>;  // 512 bits, as big-endian words

inline constexpr Sha1Digest sha1_start{0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};

/// The digest after one more block.
Sha1Digest sha1_compress(const Sha1Digest& before, const Sha1Block& block);

/// The digest of a message of any length.
Sha1Digest sha1(std::span<const std::byte> message);

}  // namespace uts
