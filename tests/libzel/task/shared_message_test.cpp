// Why: what one rank writes another reads, and nothing else is read.
#include "libzel/task/shared_message.hpp"

#include <gtest/gtest.h>

#include "libzel/task/steal_message.hpp"
#include "zel/shared.hpp"

namespace zel::task {
namespace {

TEST(SharedMessage, IsReadAsItWasWritten) {
  const base::Bytes value{std::byte{1}, std::byte{2}};
  const base::Bytes told = encode_shared_told(77, 0x0123456789abcdefu, value);
  EXPECT_EQ(epoch_of(told), 77u);
  const auto read = decode_shared(told);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->told);
  EXPECT_EQ(read->key, 0x0123456789abcdefu);
  EXPECT_EQ(base::Bytes(read->value.begin(), read->value.end()), value);
  const auto heard = decode_shared(encode_shared_heard(77, 5));
  ASSERT_TRUE(heard);
  EXPECT_FALSE(heard->told);
  EXPECT_EQ(heard->key, 5u);
}

TEST(SharedMessage, IsNoStealMessageAndNoneIsOneOfThem) {
  EXPECT_FALSE(decode(encode_shared_told(1, 2, {})));
  EXPECT_FALSE(decode(encode_shared_heard(1, 2)));
  EXPECT_FALSE(is_shared_message(encode(1, Steal{})));
  EXPECT_FALSE(decode_shared(encode(1, Cancel{9})));
}

TEST(SharedMessage, WhatIsNotExactlyOneIsNotRead) {
  const base::Bytes told = encode_shared_told(1, 2, {});
  for (std::size_t length = 0; length < told.size(); ++length) {
    EXPECT_FALSE(decode_shared(base::ByteView(told).first(length))) << length;
  }
  base::Bytes other_version = told;
  other_version[0] = std::byte{99};
  EXPECT_FALSE(decode_shared(other_version));
  base::Bytes heard = encode_shared_heard(1, 2);
  heard.push_back(std::byte{0});
  EXPECT_FALSE(decode_shared(heard));
  EXPECT_TRUE(decode_shared(encode_shared_told(1, 2, base::Bytes(max_shared_bytes))));
  EXPECT_FALSE(decode_shared(encode_shared_told(1, 2, base::Bytes(max_shared_bytes + 1))));
}

}  // namespace
}  // namespace zel::task
