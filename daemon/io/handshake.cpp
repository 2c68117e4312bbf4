#include "daemon/io/handshake.hpp"

#include <sodium.h>

#include <algorithm>

namespace zel::io {

using wire::link::Nonce;
using wire::link::Proof;

namespace {

// The answerer's id is inside, so that a proof sent one way is none the other way, though the key is the
// same.
using Statement = std::array<std::uint8_t, wire::link::nonce_bytes + 32>;
static_assert(std::tuple_size_v<Statement> + crypto_box_MACBYTES == wire::link::proof_bytes);
static_assert(wire::link::box_nonce_bytes == crypto_box_NONCEBYTES);

Statement statement(const Nonce& nonce, const base::NodeId& answerer) {
  Statement text;
  std::copy(answerer.bytes.begin(), answerer.bytes.end(),
            std::copy(nonce.begin(), nonce.end(), text.begin()));
  return text;
}

}  // namespace

Nonce new_nonce() {
  Nonce nonce;
  ::randombytes_buf(nonce.data(), nonce.size());
  return nonce;
}

Proof prove(const LinkKeys& own, const base::NodeId& dialler, const Nonce& nonce) {
  Proof proof;
  proof.id = own.id;
  ::randombytes_buf(proof.box_nonce.data(), proof.box_nonce.size());
  const Statement text = statement(nonce, own.id);
  if (::crypto_box_easy(proof.box.data(), text.data(), text.size(), proof.box_nonce.data(),
                        dialler.bytes.data(), own.secret.data()) != 0) {
    proof.box = {};  // the dialler's key is a weak one: it gets nothing that opens
  }
  return proof;
}

bool proved(const Proof& proof, const LinkKeys& own, const Nonce& nonce) {
  Statement text;
  return ::crypto_box_open_easy(text.data(), proof.box.data(), proof.box.size(), proof.box_nonce.data(),
                                proof.id.bytes.data(), own.secret.data()) == 0 &&
         text == statement(nonce, proof.id);
}

}  // namespace zel::io
