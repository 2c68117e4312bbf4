#include "wire/channel.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

namespace zel::wire {
namespace {

constexpr auto patience = std::chrono::seconds(10);

struct Ends {
  Channel left, right;
};
Ends connect() {
  auto pair = socket_pair();
  EXPECT_TRUE(pair);
  return {Channel(std::move(pair->first)), Channel(std::move(pair->second))};
}

TEST(Channel, ManyMessagesComeInOrder) {
  auto [left, right] = connect();
  for (int i = 0; i < 1000; ++i) left.push(base::as_bytes(std::to_string(i)));
  ASSERT_TRUE(left.flush_within(patience));
  EXPECT_EQ(left.queued_bytes(), 0u);
  for (int i = 0; i < 1000; ++i) {
    const auto got = right.receive_within(patience);
    ASSERT_TRUE(got);
    EXPECT_EQ(base::as_text(*got), std::to_string(i));
  }
}

TEST(Channel, FlushNeverWaitsForASlowReader) {
  auto [left, right] = connect();
  const base::Bytes piece(64 << 10);
  for (int i = 0; i < 100; ++i) left.push(piece);
  ASSERT_TRUE(left.flush());
  EXPECT_GT(left.queued_bytes(), 0u);
  std::thread reader([&right = right] {
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(right.receive_within(patience));
  });
  EXPECT_TRUE(left.flush_within(patience));
  reader.join();
}

TEST(Channel, ADescriptorTravelsWithItsMessage) {
  auto [left, right] = connect();
  left.push(base::as_bytes("before"));
  std::vector<base::UniqueFd> fds;
  fds.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  fds.emplace_back(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  left.push(base::as_bytes("with two"), std::move(fds));
  left.push(base::as_bytes("after"));
  ASSERT_TRUE(left.flush_within(patience));
  for (const char* text : {"before", "with two", "after"}) {
    const auto got = right.receive_within(patience);
    ASSERT_TRUE(got);
    EXPECT_EQ(base::as_text(*got), text);
  }
  const auto null = right.take_fd();
  const auto zero = right.take_fd();
  ASSERT_TRUE(null && zero);
  char byte = 1;
  EXPECT_EQ(::read(null.get(), &byte, 1), 0);
  EXPECT_EQ(::read(zero.get(), &byte, 1), 1);
  EXPECT_EQ(::fcntl(zero.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_FALSE(right.take_fd());
}

TEST(Channel, TheEndIsTold) {
  auto [left, right] = connect();
  left.push(base::as_bytes("last words"));
  ASSERT_TRUE(left.flush_within(patience));
  left.close();
  EXPECT_TRUE(right.receive_within(patience));
  const auto end = right.receive_within(patience);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().code, base::Errc::peer_gone);
  right.push(base::as_bytes("to nobody"));
  const auto sent = right.flush();
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, base::Errc::peer_gone);
}

TEST(Channel, AWaitHasADeadline) {
  auto [left, right] = connect();
  const auto nothing = right.receive_within(std::chrono::milliseconds(5));
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().code, base::Errc::limit_reached);
}

}  // namespace
}  // namespace zel::wire
