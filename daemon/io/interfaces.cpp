#include "daemon/io/interfaces.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>

#include "wire/address.hpp"

namespace zel::io {

namespace {

using wire::overlay::Address;

bool is_six(const Address& address) { return address.host.find(':') != std::string::npos; }

void loopback_last(std::vector<Address>& addresses) {
  std::stable_partition(addresses.begin(), addresses.end(), [](const Address& a) { return !wire::is_loopback(a); });
}

}  // namespace

std::vector<Address> interface_addresses() {
  std::vector<Address> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return {{"127.0.0.1", 0}};
  for (const ifaddrs* each = list; each; each = each->ifa_next) {
    if (!each->ifa_addr || (each->ifa_flags & IFF_UP) == 0) continue;
    char text[INET6_ADDRSTRLEN] = "";
    if (each->ifa_addr->sa_family == AF_INET) {
      const auto* v4 = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
      const bool link_local = (ntohl(v4->sin_addr.s_addr) >> 16) == 0xa9fe;
      if (!link_local) ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
    } else if (each->ifa_addr->sa_family == AF_INET6) {
      const auto* v6 = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
      if (!IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
    }
    if (*text != '\0') addresses.push_back({text, 0});
  }
  ::freeifaddrs(list);
  loopback_last(addresses);
  return addresses;
}

std::vector<Address> advertised_addresses(const std::vector<Address>& bound, const std::vector<Address>& interfaces) {
  std::vector<Address> addresses;
  const auto add = [&](const Address& address) {
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  };
  for (const Address& each : bound) {
    if (!wire::is_wildcard(each)) {
      add(each);
      continue;
    }
    for (const Address& own : interfaces) {
      if (is_six(own) == is_six(each)) add({own.host, each.port});
    }
  }
  loopback_last(addresses);
  if (addresses.size() > wire::overlay::max_addresses) {
    // Same-host peers are the ones that can do without the rest: keep the last.
    const Address last = addresses.back();
    addresses.resize(wire::overlay::max_addresses);
    if (wire::is_loopback(last)) addresses.back() = last;
  }
  return addresses;
}

}  // namespace zel::io
