// Why: a node that listens on all interfaces must tell others addresses they can use.
#pragma once

#include <vector>

#include "wire/overlay.hpp"

namespace zel::io {

/// The addresses that stand for `bound`: itself, or for "0.0.0.0" and "::" those of this host's interfaces
/// that are up, other hosts' first; loopback ones only when there are no others. At most
/// wire::overlay::max_addresses.
std::vector<wire::overlay::Address> reachable_at(const wire::overlay::Address& bound);

}  // namespace zel::io
