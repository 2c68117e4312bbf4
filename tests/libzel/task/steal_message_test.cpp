// Why: what arrives may be anything; only exactly a message is one.
#include "libzel/task/steal_message.hpp"

#include <gtest/gtest.h>

#include <random>

namespace zel::task {
namespace {

base::Bytes bytes_of(std::initializer_list<int> values) {
  base::Bytes bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

const std::vector<Message>& one_of_each() {
  static const std::vector<Message> messages = {Steal{true},
                                                Refuse{},
                                                Loan{7, 0x1122334455667788u, true, bytes_of({1, 2, 3})},
                                                Result{9, false, bytes_of({4})},
                                                GiveBack{10},
                                                Cancel{~std::uint64_t{0}},
                                                Finished{true, {}},
                                                Report{1, 2, 3, 4, 5, 6, 7}};
  return messages;
}

TEST(StealMessage, EveryKindComesBackAsItWas) {
  ASSERT_EQ(one_of_each().size(), std::variant_size_v<Message>);
  for (const Message& message : one_of_each()) {
    const base::Bytes bytes = encode(5, message);
    EXPECT_EQ(epoch_of(bytes), 5u);
    const auto back = decode(bytes);
    ASSERT_TRUE(back) << "kind " << message.index();
    EXPECT_EQ(*back, message) << "kind " << message.index();
  }
}

TEST(StealMessage, LayoutIsLittleEndianAndCompact) {
  EXPECT_EQ(encode(0x01020304, GiveBack{0x0a0b}),
            bytes_of({message_version, 4, 4, 3, 2, 1, 0x0b, 0x0a, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(encode(1, Refuse{}).size(), 6u);
}

TEST(StealMessage, WhatIsCutOffLongerOrOfAnotherVersionIsNone) {
  for (const Message& message : one_of_each()) {
    const base::Bytes whole = encode(1, message);
    const bool has_payload = std::holds_alternative<Loan>(message) ||
                             std::holds_alternative<Result>(message) ||
                             std::holds_alternative<Finished>(message);
    if (!has_payload) {
      for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(decode(base::ByteView(whole).first(size))) << "kind " << message.index();
      }
      base::Bytes longer = whole;
      longer.push_back(std::byte{0});
      EXPECT_FALSE(decode(longer)) << "kind " << message.index();
    }
    base::Bytes other = whole;
    other[0] = std::byte{message_version + 1};
    EXPECT_FALSE(decode(other));
    EXPECT_FALSE(epoch_of(other));
  }
  EXPECT_FALSE(decode(bytes_of({message_version, 99, 0, 0, 0, 0})));
  EXPECT_FALSE(decode(bytes_of({message_version, 0, 0, 0, 0, 0, 2}))) << "a bool is 0 or 1";
}

TEST(StealMessage, RandomBytesNeverDoHarm) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    base::Bytes bytes(random() % 64);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    if (bytes.size() > 1 && i % 2 == 0) {
      bytes[0] = std::byte{message_version};
      bytes[1] = static_cast<std::byte>(random() % 9);
    }
    const auto message = decode(bytes);
    if (!message) continue;
    EXPECT_EQ(encode(*epoch_of(bytes), *message), bytes);
  }
}

}  // namespace
}  // namespace zel::task
