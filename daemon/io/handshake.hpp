// Why: CURVE proves the dialler's key to the answerer, but every answerer of a realm has the same CURVE key,
// so who answered must be proved once more. A box from the answerer's own secret key to the dialler's public
// key, around the dialler's nonce, can be made by nobody else, and not for anybody else.
#pragma once

#include "daemon/io/link_keys.hpp"
#include "wire/link.hpp"

namespace zel::io {

wire::link::Nonce new_nonce();
wire::link::Proof prove(const LinkKeys& own, const base::NodeId& dialler, const wire::link::Nonce& nonce);
bool proved(const wire::link::Proof& proof, const LinkKeys& own, const wire::link::Nonce& nonce);

}  // namespace zel::io
