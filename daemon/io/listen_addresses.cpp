#include "daemon/io/listen_addresses.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>

namespace zel::io {

namespace {

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.sa_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &ipv4.sin_addr, text.data(), text.size());
  } else if (address.sa_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
    // A link-local address means nothing without the name of an interface, which differs from host to host.
    if (!IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr)) {
      ::inet_ntop(AF_INET6, &ipv6.sin6_addr, text.data(), text.size());
    }
  }
  return text.data();
}

}  // namespace

std::vector<wire::overlay::Address> reachable_at(const wire::overlay::Address& bound) {
  const bool any_ipv4 = bound.host == "0.0.0.0", any = bound.host == "::";
  if (!any_ipv4 && !any) return {bound};
  std::vector<wire::overlay::Address> outer, loopback;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {};
  for (const ifaddrs* entry = list; entry; entry = entry->ifa_next) {
    if (!entry->ifa_addr || (entry->ifa_flags & IFF_UP) == 0) continue;
    if (any_ipv4 && entry->ifa_addr->sa_family != AF_INET) continue;
    const std::string host = text_of(*entry->ifa_addr);
    if (host.empty()) continue;
    ((entry->ifa_flags & IFF_LOOPBACK) != 0 ? loopback : outer).push_back({host, bound.port});
  }
  ::freeifaddrs(list);
  std::vector<wire::overlay::Address>& found = outer.empty() ? loopback : outer;
  if (found.size() > wire::overlay::max_addresses) found.resize(wire::overlay::max_addresses);
  return found;
}

}  // namespace zel::io
