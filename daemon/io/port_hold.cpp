#include "daemon/io/port_hold.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "wire/address.hpp"

namespace zel::io {

PortHold::PortHold(base::UniqueFd socket, wire::overlay::Address address)
    : socket_(std::move(socket)), address_(std::move(address)) {}

base::Result<PortHold> PortHold::take(const wire::overlay::Address& wished) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, wished.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(wished.port);
  } else {
    ::inet_pton(AF_INET6, wished.host.c_str(), &v6->sin6_addr);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(wished.port);
    size = sizeof(sockaddr_in6);
  }
  base::UniqueFd socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return base::fail_errno("socket", errno);
  const std::string where = "cannot listen at " + wire::text_of(wished);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    if (errno != EADDRINUSE) return base::fail_errno(where, errno);
    return base::fail(base::Errc::limit_reached, where + ": another program does; choose another port, or port 0 for a free one");
  }
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) return base::fail_errno(where, errno);
  const std::uint16_t port = ntohs(storage.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
  return PortHold(std::move(socket), {wished.host, port});
}

}  // namespace zel::io
