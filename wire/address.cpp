#include "wire/address.hpp"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

namespace zel::wire {

namespace {

/// The address as the system writes it, so that one address has one spelling; empty: it is none.
std::string canonical(const std::string& host) {
  char text[INET6_ADDRSTRLEN];
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return ::inet_ntop(AF_INET, &v4, text, sizeof text);
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) return ::inet_ntop(AF_INET6, &v6, text, sizeof text);
  return {};
}

Scope scope_of_four(std::uint32_t host) {
  const auto in = [host](std::uint32_t net, int bits) { return (host ^ net) >> (32 - bits) == 0; };
  if (in(0, 8) || in(0x7f000000, 8) || in(0xa9fe0000, 16) || host >= 0xe0000000) return Scope::none;
  if (in(0x0a000000, 8) || in(0xac100000, 12) || in(0xc0a80000, 16) || in(0x64400000, 10)) return Scope::inside;
  return Scope::anywhere;
}

Scope scope_of_six(const in6_addr& host) {
  if (IN6_IS_ADDR_UNSPECIFIED(&host) || IN6_IS_ADDR_LOOPBACK(&host) || IN6_IS_ADDR_LINKLOCAL(&host) ||
      IN6_IS_ADDR_MULTICAST(&host)) {
    return Scope::none;
  }
  return (host.s6_addr[0] & 0xfe) == 0xfc ? Scope::inside : Scope::anywhere;
}

tl::unexpected<base::Error> bad(const std::string& text) { return base::fail(base::Errc::bad_option, text); }

}  // namespace

base::Result<overlay::Address> parse_address(std::string_view text, const AddressDefaults& defaults) {
  std::string host(text);
  std::string port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return bad("the ] is missing");
    host = text.substr(1, close - 1);
    const auto rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return bad("after the ] comes :PORT");
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos && text.find(':', colon + 1) == text.npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
    has_port = true;
  }

  overlay::Address address;
  if (host.empty()) {
    if (defaults.host.empty()) return bad("the address before the port is missing");
    if (!has_port) return bad("it is empty");
    address.host = defaults.host;
  } else {
    address.host = canonical(host);
    if (address.host.empty()) {
      const bool numeric = host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
      return bad(numeric ? "that is no IPv4 or IPv6 address" : "give the numeric address; host names are not used for contact");
    }
  }
  if (!has_port) {
    if (defaults.port == 0) return bad("the port is missing");
    address.port = defaults.port;
    return address;
  }
  const char* end = port.data() + port.size();
  const auto [stop, error] = std::from_chars(port.data(), end, address.port);
  if (error != std::errc() || stop != end || (address.port == 0 && !defaults.any_port)) {
    return bad("the port is a number from " + std::string(defaults.any_port ? "0" : "1") + " to 65535");
  }
  return address;
}

std::string text_of(const overlay::Address& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

std::string canonical_host(std::string_view host) {
  std::string text = canonical(std::string(host));
  constexpr std::string_view mapped = "::ffff:";
  if (text.starts_with(mapped) && text.find('.') != std::string::npos) text.erase(0, mapped.size());
  return text;
}

Scope scope_of(std::string_view host) {
  const std::string text = canonical_host(host);
  in_addr v4{};
  in6_addr v6{};
  if (::inet_pton(AF_INET, text.c_str(), &v4) == 1) return scope_of_four(ntohl(v4.s_addr));
  if (::inet_pton(AF_INET6, text.c_str(), &v6) == 1) return scope_of_six(v6);
  return Scope::none;
}

bool is_wildcard(const overlay::Address& address) { return address.host == "0.0.0.0" || address.host == "::"; }

bool is_loopback(const overlay::Address& address) { return address.host.starts_with("127.") || address.host == "::1"; }

}  // namespace zel::wire
