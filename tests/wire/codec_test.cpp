#include "wire/codec.hpp"

#include <gtest/gtest.h>

#include <random>

namespace zel::wire::codec {
namespace {

enum class Colour : std::uint8_t { red, green };
bool valid(Colour c) { return c <= Colour::green; }

struct Inner {
  std::int32_t number = 0;
  std::string text;
  template <class F> void fields(F&& f) { f(number, text); }
};
struct Everything {
  std::uint8_t small = 0;
  std::int64_t large = 0;
  double real = 0;
  bool flag = false;
  Colour colour = Colour::red;
  base::Bytes bytes;
  std::vector<Inner> list;
  template <class F> void fields(F&& f) { f(small, large, real, flag, colour, bytes, list); }
};
struct Nothing {
  template <class F> void fields(F&& f) { f(); }
};
using Message = std::variant<Nothing, Everything>;

base::Bytes raw(const std::string& text) {
  const auto view = base::as_bytes(text);
  return {view.begin(), view.end()};
}

TEST(Codec, EveryFieldTypeComesBack) {
  const Everything sent{255, -(std::int64_t{1} << 40), 0.25,           true, Colour::green,
                        {std::byte{0}, std::byte{255}}, {{-7, "x"}, {0, ""}}};
  const auto got = decode<Message>(encode(Message(sent)));
  ASSERT_TRUE(got);
  const auto& back = std::get<Everything>(*got);
  EXPECT_EQ(back.small, 255);
  EXPECT_EQ(back.large, -(std::int64_t{1} << 40));
  EXPECT_EQ(back.real, 0.25);
  EXPECT_TRUE(back.flag);
  EXPECT_EQ(back.colour, Colour::green);
  EXPECT_EQ(back.bytes, sent.bytes);
  ASSERT_EQ(back.list.size(), 2u);
  EXPECT_EQ(back.list[0].number, -7);
  EXPECT_EQ(back.list[0].text, "x");
}

TEST(Codec, AMessageWithoutFieldsComesBack) {
  const auto got = decode<Message>(encode(Message(Nothing{})));
  ASSERT_TRUE(got);
  EXPECT_TRUE(std::holds_alternative<Nothing>(*got));
}

TEST(Codec, EveryTruncationIsRefused) {
  const auto whole = encode(Message(Everything{1, 2, 3, true, Colour::red, {std::byte{9}}, {{4, "five"}}}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(decode<Message>(base::ByteView(whole).first(size))) << size;
  }
}

TEST(Codec, TrailingBytesAreRefused) {
  auto bytes = encode(Message(Nothing{}));
  bytes.push_back(std::byte{0});
  EXPECT_FALSE(decode<Message>(bytes));
}

TEST(Codec, AnUnknownKindOfMessageIsRefused) { EXPECT_FALSE(decode<Message>(raw(std::string("\x92\x07\x90", 3)))); }

TEST(Codec, AnUnknownEnumValueIsRefused) {
  Everything wrong;
  wrong.colour = static_cast<Colour>(9);
  EXPECT_FALSE(decode<Message>(encode(Message(wrong))));
}

TEST(Codec, AnIntegerThatDoesNotFitIsRefused) {
  // [1, [256, …]]: the first field of Everything is 8 bits wide.
  auto bytes = encode(Message(Everything{}));
  ASSERT_EQ(bytes[3], std::byte{0});  // small = 0
  bytes[3] = std::byte{0xcd};
  bytes.insert(bytes.begin() + 4, {std::byte{0x01}, std::byte{0x00}});
  EXPECT_FALSE(decode<Message>(bytes));
}

TEST(Codec, AHugeAnnouncedListIsRefusedWithoutItsMemory) {
  EXPECT_FALSE(decode<Message>(raw(std::string("\x92\x01\xdd\xff\xff\xff\xff", 7))));
}

TEST(Codec, DeepNestingIsRefused) { EXPECT_FALSE(decode<Message>(raw(std::string(100'000, '\x91')))); }

TEST(Codec, RandomBytesNeverDoMoreThanFail) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    base::Bytes bytes(random() % 40);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random());
    [[maybe_unused]] const auto result = decode<Message>(bytes);
  }
  auto bytes = encode(Message(Everything{1, 2, 3, true, Colour::red, {std::byte{9}}, {{4, "five"}}}));
  int refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto damaged = bytes;
    damaged[random() % damaged.size()] = static_cast<std::byte>(random());
    refused += decode<Message>(damaged) ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace zel::wire::codec
