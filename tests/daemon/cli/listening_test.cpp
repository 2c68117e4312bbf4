// Why: what a node does about a port that is taken depends on whether it was told to use it.
#include "daemon/cli/listening.hpp"

#include <gtest/gtest.h>

namespace zel::cli {
namespace {

using wire::overlay::Address;
using Addresses = std::vector<Address>;

base::Result<Address> free_ports(const Address& address) {
  return Address{address.host, address.port == 0 ? std::uint16_t{40'000} : address.port};
}
base::Result<Address> default_port_is_taken(const Address& address) {
  if (address.port == 7411) return base::fail(base::Errc::limit_reached, "taken");
  return free_ports(address);
}

TEST(Listening, UntoldItTakesTheDefaultPort) {
  const auto listening = listen_as_told({}, free_ports);
  EXPECT_EQ(listening->bound, (Addresses{{"0.0.0.0", 7411}}));
  EXPECT_EQ(listening->remark, "");
}

TEST(Listening, UntoldItTakesAFreeOneWhenThatIsTakenAndSaysSo) {
  const auto listening = listen_as_told({}, default_port_is_taken);
  EXPECT_EQ(listening->bound, (Addresses{{"0.0.0.0", 40'000}}));
  EXPECT_EQ(listening->remark, "port 7411 is taken by another program");
}

TEST(Listening, ToldItTakesAllOfItOrNothing) {
  EXPECT_EQ(listen_as_told({{"127.0.0.1", 0}, {"::1", 9}}, free_ports)->bound, (Addresses{{"127.0.0.1", 40'000}, {"::1", 9}}));
  EXPECT_EQ(listen_as_told({{"127.0.0.1", 0}, {"0.0.0.0", 7411}}, default_port_is_taken).error().text, "taken");
}

}  // namespace
}  // namespace zel::cli
