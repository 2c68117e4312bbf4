// Why: see strangers.hpp.
#include "libzel/net/direct/strangers.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

namespace zel::net {

namespace {

/// ZeroMQ has no call for it. Its own thread may have closed the descriptor meanwhile, and another connection may have its
/// number: if that one came in at this port too it is made anew, else it is left alone.
void cut(int descriptor, std::uint16_t port) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) return;
  std::uint16_t at = 0;
  if (own.ss_family == AF_INET) at = reinterpret_cast<const sockaddr_in&>(own).sin_port;
  if (own.ss_family == AF_INET6) at = reinterpret_cast<const sockaddr_in6&>(own).sin6_port;
  int listens = 1;
  size = sizeof listens;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens != 0) return;
  if (ntohs(at) == port) ::shutdown(descriptor, SHUT_RDWR);
}

}  // namespace

void Strangers::cut_surplus(std::uint16_t port, const std::function<bool(int descriptor)>& has_spoken) {
  if (waiting_.size() <= most_) return;
  std::erase_if(waiting_, has_spoken);
  for (; waiting_.size() > most_; waiting_.pop_front()) cut(waiting_.front(), port);
}

}  // namespace zel::net
