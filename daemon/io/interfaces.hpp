// Why: a node that listens on all interfaces has to tell others at which addresses that is.
#pragma once

#include <vector>

#include "wire/overlay.hpp"

namespace zel::io {

/// The addresses of interfaces that are up, without link-local ones, loopback last. Port 0.
std::vector<wire::overlay::Address> interface_addresses();

/// Where a node can be reached that listens at `bound`, with these interfaces: what it was told, and for a
/// wildcard every address of that family. Loopback last; at most wire::overlay::max_addresses. Pure.
std::vector<wire::overlay::Address> advertised_addresses(const std::vector<wire::overlay::Address>& bound,
                                                         const std::vector<wire::overlay::Address>& interfaces);

}  // namespace zel::io
