// Why: which connections are cut is decided here, on descriptors that ZeroMQ's thread may close and use again.
#include "libzel/net/direct/strangers.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vector>

#include "base/unique_fd.hpp"

namespace zel::net {
namespace {

/// A port on loopback, and connections to it.
struct Port {
  base::UniqueFd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in at{};
  std::vector<base::UniqueFd> callers, accepted;

  explicit Port(int connections) {
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener.get(), 8), 0);
    ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &size);
    for (int n = 0; n < connections; ++n) {
      callers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      EXPECT_EQ(::connect(callers.back().get(), reinterpret_cast<sockaddr*>(&at), size), 0);
      accepted.emplace_back(::accept(listener.get(), nullptr, nullptr));
    }
  }
  std::uint16_t number() const { return ntohs(at.sin_port); }
  int fd(std::size_t n) const { return accepted[n].get(); }
  bool is_cut(std::size_t n) const {
    char byte = 0;
    return ::recv(callers[n].get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
};

const auto nobody_spoke = [](int) { return false; };

TEST(Strangers, TheOldestThatAreTooManyAreCut) {
  Port port(5);
  Strangers strangers(3);
  for (std::size_t n = 0; n < 5; ++n) strangers.on_accepted(port.fd(n));
  strangers.cut_surplus(port.number(), nobody_spoke);
  for (std::size_t n = 0; n < 5; ++n) EXPECT_EQ(port.is_cut(n), n < 2) << n;
}

TEST(Strangers, WhoHasSpokenOrIsGoneDoesNotCount) {
  Port port(5);
  Strangers strangers(3);
  for (std::size_t n = 0; n < 5; ++n) strangers.on_accepted(port.fd(n));
  strangers.on_gone(port.fd(1));
  strangers.cut_surplus(port.number(), [&](int fd) { return fd == port.fd(0); });
  for (std::size_t n = 0; n < 5; ++n) EXPECT_FALSE(port.is_cut(n)) << n;
}

TEST(Strangers, WhatHasTheNumberOfOneThatIsGoneIsLeftAlone) {
  Port port(1), other(1);
  Strangers strangers(0);
  strangers.on_accepted(other.fd(0));
  strangers.on_accepted(port.listener.get());
  strangers.on_accepted(999);
  strangers.on_accepted(port.fd(0));
  strangers.cut_surplus(port.number(), nobody_spoke);
  EXPECT_FALSE(other.is_cut(0)) << "it came in elsewhere";
  EXPECT_TRUE(port.is_cut(0));
  port.callers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(::connect(port.callers.back().get(), reinterpret_cast<sockaddr*>(&port.at), sizeof port.at), 0) << "it listens still";
}

}  // namespace
}  // namespace zel::net
