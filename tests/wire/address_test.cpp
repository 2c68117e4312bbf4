// Why: an address is typed by people; every way to write one, and every mistake, is a line here.
#include "wire/address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "wire/local_node.hpp"

namespace zel::wire {
namespace {

const AddressDefaults listening{"0.0.0.0", 0, true};
const AddressDefaults contact{"", default_port, false};

std::string read(const std::string& text, const AddressDefaults& defaults) {
  const auto address = parse_address(text, defaults);
  return address ? text_of(*address) : address.error().text;
}

TEST(Address, EveryWayToWriteOne) {
  EXPECT_EQ(read("127.0.0.1:7001", listening), "127.0.0.1:7001");
  EXPECT_EQ(read("[::1]:7001", listening), "[::1]:7001");
  EXPECT_EQ(read("[0:0::1]:7001", listening), "[::1]:7001");
  EXPECT_EQ(read(":7001", listening), "0.0.0.0:7001");
  EXPECT_EQ(read("127.0.0.1:0", listening), "127.0.0.1:0");
  EXPECT_EQ(read("10.1.2.3", contact), "10.1.2.3:7411");
  EXPECT_EQ(read("fd00::7", contact), "[fd00::7]:7411");
  EXPECT_EQ(read("[fd00::7]", contact), "[fd00::7]:7411");
}

TEST(Address, EveryMistakeSaysWhatToDo) {
  EXPECT_THAT(read("node7:7001", contact), testing::HasSubstr("host names are not used for contact"));
  EXPECT_THAT(read("localhost", contact), testing::HasSubstr("host names are not used for contact"));
  EXPECT_EQ(read("10.1.2:7001", contact), "that is no IPv4 or IPv6 address");
  EXPECT_EQ(read("1:2:3", contact), "that is no IPv4 or IPv6 address");
  EXPECT_EQ(read("[::1:7001", contact), "the ] is missing");
  EXPECT_EQ(read("[::1]7001", contact), "after the ] comes :PORT");
  EXPECT_EQ(read("10.1.2.3", listening), "the port is missing");
  EXPECT_EQ(read("10.1.2.3:0", contact), "the port is a number from 1 to 65535");
  EXPECT_EQ(read("10.1.2.3:65536", listening), "the port is a number from 0 to 65535");
  EXPECT_EQ(read("10.1.2.3:", listening), "the port is a number from 0 to 65535");
  EXPECT_EQ(read(":7001", contact), "the address before the port is missing");
  EXPECT_EQ(read("", listening), "it is empty");
}

TEST(LocalNode, TheDefaultDirectoryIsTheUsers) {
  EXPECT_EQ(default_runtime_directory("/run/user/7", 7), "/run/user/7/zel");
  EXPECT_EQ(default_runtime_directory("", 7), "/tmp/zel-7");
  EXPECT_EQ(default_runtime_directory("relative", 7), "/tmp/zel-7");
}

TEST(LocalNode, ADirectoryAnAddressOrWhatTheEnvironmentSays) {
  EXPECT_EQ(node_directory("", "", "/tmp/d").value(), "/tmp/d");
  EXPECT_EQ(node_directory("", "/e", "/tmp/d").value(), "/e");
  EXPECT_EQ(node_directory("./x", "/e", "/tmp/d").value(), "./x");
  EXPECT_THAT(node_directory("127.0.0.1:9", "", "/nowhere").error().text,
              testing::HasSubstr("no node of this user listens at 127.0.0.1:9"));
  EXPECT_THAT(node_directory("nodename", "", "/nowhere").error().text, testing::HasSubstr("neither a directory nor"));
}

TEST(LocalNode, APathThatIsTooLongForASocketIsRefused) {
  EXPECT_EQ(connect_local("/" + std::string(200, 'x')).error().code, base::Errc::bad_option);
  EXPECT_EQ(connect_local("/nowhere/run.sock").error().code, base::Errc::peer_gone);
}

TEST(LocalNode, OneThatTakesNothingIsNotWaitedForForEver) {
  const std::string path = testing::TempDir() + "stuck-" + std::to_string(::getpid()) + ".sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const base::UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listener.get(), 0), 0);
  std::vector<base::UniqueFd> taken;
  auto next = connect_local(path, std::chrono::milliseconds(50));
  for (; next && taken.size() < 10; next = connect_local(path, std::chrono::milliseconds(50))) taken.push_back(std::move(*next));
  ::unlink(path.c_str());
  EXPECT_FALSE(taken.empty());
  ASSERT_FALSE(next) << "it does not wait";
  EXPECT_EQ(next.error().code, base::Errc::limit_reached) << next.error().text;
}

}  // namespace
}  // namespace zel::wire
