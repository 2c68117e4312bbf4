// Why: the splittable generator of the published benchmark: a stream for each node, made from its parent's
// and the child's number. A stream is the digest that names it, so a node is 24 bytes and depends on nothing
// else.
#pragma once

#include <array>
#include <cstdint>

#include "sha1.hpp"

namespace uts {

using Stream = Sha1Digest;

/// Of the root: the digest of sixteen zero bytes and the seed. (20 bytes, in one padded block.)
inline Stream root_stream(std::uint32_t seed) {
  return sha1_compress(sha1_start, {0, 0, 0, 0, seed, 0x80000000u, 0, 0, 0, 0, 0, 0, 0, 0, 0, 160});
}

/// Of a child: the digest of the parent's and the child's number. (24 bytes, in one padded block.)
inline Stream child_stream(const Stream& parent, std::uint32_t number) {
  return sha1_compress(sha1_start, {parent[0], parent[1], parent[2], parent[3], parent[4], number,
                                    0x80000000u, 0, 0, 0, 0, 0, 0, 0, 0, 192});
}

/// The stream's one number, uniform in [0, 1), of 31 bits.
inline double uniform(const Stream& stream) { return (stream[4] & 0x7fffffffu) / 2147483648.0; }

}  // namespace uts
