// Why: people write addresses in options, files and variables, and read them in tables; both are spelt here,
// once. Numeric only: a name means what a name server says today, and nodes are contacted without one.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "wire/overlay.hpp"

namespace zel::wire {

/// The port a node listens at unless told otherwise.
inline constexpr std::uint16_t default_port = 7411;

/// What may be left out of an address, and what it means then.
struct AddressDefaults {
  std::string host;        // of ":7411"; empty: a host is needed
  std::uint16_t port = 0;  // of "10.0.0.1"; 0: a port is needed
  bool any_port = false;   // ":0" asks for a free one
};

/// Reads "10.0.0.1:7411", "[fe80::1]:7411", ":7411", "10.0.0.1" or "::1".
/// Errors: bad_option; the text says what is wrong, without naming the address.
base::Result<overlay::Address> parse_address(std::string_view text, const AddressDefaults& defaults);

/// "10.0.0.1:7411" or "[::1]:7411".
std::string text_of(const overlay::Address& address);

/// A numeric host as the system writes it, and IPv4 in IPv6's form (::ffff:10.0.0.1) as IPv4. Empty: it is none.
std::string canonical_host(std::string_view host);

/// From where a host can be meant by its address.
enum class Scope : std::uint8_t {
  none,      // not numeric, or a wildcard, loopback, link-local, multicast or broadcast
  inside,    // private: the same address is somebody else elsewhere
  anywhere,
};
Scope scope_of(std::string_view host);

bool is_wildcard(const overlay::Address& address);
bool is_loopback(const overlay::Address& address);

}  // namespace zel::wire
