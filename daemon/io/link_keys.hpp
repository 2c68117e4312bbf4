// Why: a node is its key pair and a realm is its key, so both must outlive a restart and be readable by their
// owner alone. This makes them, keeps them, and refuses what others could have read.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "base/node_id.hpp"

namespace zel::io {

using SecretBytes = std::array<std::uint8_t, 32>;

/// The node's CURVE key pair; the public half is its id.
struct LinkKeys {
  base::NodeId id;
  SecretBytes secret{};
};

/// What all nodes of a realm share: who has it is one of them.
struct RealmKey {
  SecretBytes secret{};
};

/// From the operating system's randomness.
LinkKeys new_link_keys();
RealmKey new_realm_key();

/// Reads the file, or makes a key and the file (mode 0600, whole or not at all; of two that make it at the
/// same time one wins and both get its key). Errors: refused, when others may read or write the file or it is
/// not the caller's; bad_message, when it is not a key file; system.
base::Result<LinkKeys> load_or_create_link_keys(const std::string& path);
base::Result<RealmKey> load_or_create_realm_key(const std::string& path);

/// The key pair that every node of the realm answers with on its listening sockets. Its public half is known
/// to those who have the realm's key, and who does not know it cannot start a CURVE handshake.
LinkKeys answering_keys(const RealmKey& realm);

}  // namespace zel::io
