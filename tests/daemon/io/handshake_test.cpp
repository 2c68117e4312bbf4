#include "daemon/io/handshake.hpp"

#include <gtest/gtest.h>

namespace zel::io {
namespace {

struct Handshake : ::testing::Test {
  LinkKeys dialler = new_link_keys(), answerer = new_link_keys(), other = new_link_keys();
  wire::link::Nonce nonce = new_nonce();
};

TEST_F(Handshake, OnlyTheHolderOfTheKeyProvesIt) {
  EXPECT_TRUE(proved(prove(answerer, dialler.id, nonce), dialler, nonce));
  auto lie = prove(other, dialler.id, nonce);
  lie.id = answerer.id;
  EXPECT_FALSE(proved(lie, dialler, nonce));
}

TEST_F(Handshake, AProofServesOneDiallerOneNonceAndOneDirection) {
  const auto proof = prove(answerer, dialler.id, nonce);
  EXPECT_FALSE(proved(proof, other, nonce)) << "made for another dialler";
  EXPECT_FALSE(proved(proof, dialler, new_nonce())) << "replayed";
  auto reflected = proof;
  reflected.id = dialler.id;
  EXPECT_FALSE(proved(reflected, answerer, nonce)) << "sent back to who made it";
}

TEST_F(Handshake, AnyChangedByteSpoilsIt) {
  const auto proof = prove(answerer, dialler.id, nonce);
  for (std::size_t i = 0; i < proof.box.size(); ++i) {
    auto changed = proof;
    changed.box[i] ^= 1;
    EXPECT_FALSE(proved(changed, dialler, nonce));
  }
}

TEST_F(Handshake, AWeakKeyGetsAProofThatOpensNothing) {
  EXPECT_FALSE(proved(prove(answerer, base::NodeId{}, nonce), dialler, nonce));
}

}  // namespace
}  // namespace zel::io
