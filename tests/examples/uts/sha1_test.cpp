// Why: a digest with one wrong bit still makes a tree, only not the published one.
#include "examples/uts/sha1.hpp"

#include <gtest/gtest.h>

#include <string>

#include "examples/uts/random.hpp"

namespace uts {
namespace {

Sha1Digest digest_of(const std::string& text) {
  return sha1(std::as_bytes(std::span(text.data(), text.size())));
}

// The examples of FIPS 180 and RFC 3174.
TEST(Sha1, TheStandardsOwnExamples) {
  EXPECT_EQ(digest_of("abc"), (Sha1Digest{0xa9993e36u, 0x4706816au, 0xba3e2571u, 0x7850c26cu, 0x9cd0d89du}));
  EXPECT_EQ(digest_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            (Sha1Digest{0x84983e44u, 0x1c3bd26eu, 0xbaae4aa1u, 0xf95129e5u, 0xe54670f1u}));
  EXPECT_EQ(digest_of(std::string(1'000'000, 'a')),
            (Sha1Digest{0x34aa973cu, 0xd4c4daa4u, 0xf61eeb2bu, 0xdbad2731u, 0x6534016fu}));
  std::string eights;
  for (int i = 0; i < 80; ++i) eights += "01234567";
  EXPECT_EQ(digest_of(eights), (Sha1Digest{0xdea356a2u, 0xcddd90c7u, 0xa7ecedc5u, 0xebb56393u, 0x4f460452u}));
}

TEST(Sha1, NothingAtAllHasADigest) {
  EXPECT_EQ(digest_of(""), (Sha1Digest{0xda39a3eeu, 0x5e6b4b0du, 0x3255bfefu, 0x95601890u, 0xafd80709u}));
}

// Where the length still fits behind the message, and where it needs a block of its own.
TEST(Sha1, EveryLengthAroundABlockDiffers) {
  for (std::size_t size = 50; size < 70; ++size) {
    EXPECT_NE(digest_of(std::string(size, 'a')), digest_of(std::string(size + 1, 'a'))) << size;
  }
  EXPECT_EQ(digest_of(std::string(55, 'a')),
            (Sha1Digest{0xc1c8bbdcu, 0x22796e28u, 0xc0e15163u, 0xd20899b6u, 0x5621d65au}));
  EXPECT_EQ(digest_of(std::string(56, 'a')),
            (Sha1Digest{0xc2db330fu, 0x6083854cu, 0x99d4b5bfu, 0xb6e8f29fu, 0x201be699u}));
  EXPECT_EQ(digest_of(std::string(64, 'a')),
            (Sha1Digest{0x0098ba82u, 0x4b5c1642u, 0x7bd7a112u, 0x2a5a442au, 0x25ec644du}));
}

std::string bytes_of(std::span<const std::uint32_t> words) {
  std::string bytes;
  for (const std::uint32_t word : words) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((word >> shift) & 0xffU);
  }
  return bytes;
}

TEST(Stream, OfTheRootIsTheDigestOfSixteenZerosAndTheSeed) {
  const Sha1Digest zeros_and_seed{0, 0, 0, 0, 0x01020304u};
  EXPECT_EQ(root_stream(0x01020304u), digest_of(bytes_of(zeros_and_seed)));
}

TEST(Stream, OfAChildIsTheDigestOfItsParentAndItsNumber) {
  const Stream parent = root_stream(42);
  const std::array<std::uint32_t, 6> both{parent[0], parent[1], parent[2], parent[3], parent[4], 7};
  EXPECT_EQ(child_stream(parent, 7), digest_of(bytes_of(both)));
  EXPECT_NE(child_stream(parent, 7), child_stream(parent, 8));
}

TEST(Stream, ItsNumberLeavesOutTheSign) {
  EXPECT_EQ(uniform({0, 0, 0, 0, 0x80000000u}), 0.0);
  EXPECT_EQ(uniform({0, 0, 0, 0, 0xc0000000u}), 0.5);
  EXPECT_LT(uniform({0, 0, 0, 0, 0xffffffffu}), 1.0);
}

}  // namespace
}  // namespace uts
