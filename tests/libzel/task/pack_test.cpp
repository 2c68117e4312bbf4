// Why: which types can be carried is decided when the program is compiled, and damaged bytes never do harm.
#include "zel/pack.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "zel/task.hpp"

namespace zel {
namespace {

struct Plain {
  int x;
  double y;
  bool operator==(const Plain&) const = default;
};
struct Unnamed {
  std::string text;
};
struct Named {
  std::string text;
  std::vector<int> numbers;
  ZEL_FIELDS(text, numbers)
  bool operator==(const Named&) const = default;
};

static_assert(Packable<Plain> && Packable<std::string> && Packable<std::vector<Plain>> && Packable<Named>);
static_assert(Packable<std::vector<Named>> && Packable<std::map<std::string, Named>>);
static_assert(Packable<std::vector<std::vector<int>>> && Packable<std::vector<bool>>);
static_assert(Packable<std::optional<std::string>> && Packable<std::pair<int, std::string>>);
static_assert(Packable<std::tuple<int, std::string, Named>>);
static_assert(!Packable<Unnamed> && !Packable<std::vector<Unnamed>> && !Packable<std::optional<Unnamed>>);
static_assert(!Packable<std::map<int, Unnamed>> && !Packable<std::tuple<int, Unnamed>>);
static_assert(!Packable<int*> && !Packable<std::vector<int*>> && !Packable<std::span<int>>);

struct NoRun {
  int x;
};
struct RunsToNothing {
  void run() const {}
};
struct RunsToUnnamed {
  Unnamed run() const { return {}; }
};
static_assert(!Task<NoRun> && !Task<RunsToNothing> && !Task<RunsToUnnamed>);

template <class T>
void expect_back(const T& value) {
  EXPECT_EQ(unpack<T>(pack(value)), value);
}

TEST(Pack, ValuesComeBack) {
  expect_back(Plain{1, 2.5});
  expect_back(std::string("text"));
  expect_back(std::string());
  expect_back(std::vector<Plain>{{1, 2}, {3, 4}});
  expect_back(Named{"a", {1, 2, 3}});
  expect_back(std::map<std::string, Named>{{"k", {"a", {1}}}});
  expect_back(std::vector<bool>{true, false});
  expect_back(std::optional<std::string>{});
}

TEST(Pack, DamagedBytesAreMalformed) {
  std::mt19937 random(1);
  const auto whole = pack(std::map<std::string, Named>{{"k", {"a", {1, 2}}}, {"l", {"b", {3}}}});
  int malformed = 0;
  for (int i = 0; i < 5000; ++i) {
    auto bytes = whole;
    if (i % 3 == 0) bytes.resize(random() % bytes.size());
    for (unsigned change = 0; change < 1 + random() % 3 && !bytes.empty(); ++change) {
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    }
    try {
      unpack<std::map<std::string, Named>>(bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::malformed);
      ++malformed;
    }
  }
  EXPECT_GT(malformed, 1000);
}

TEST(Pack, AnnouncedLengthsAreNotBelieved) {
  const auto of = [](std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return bytes;
  };
  using Lists = std::vector<std::vector<int>>;
  EXPECT_THROW(unpack<Lists>(of({0xdd, 0xff, 0xff, 0xff, 0xff})), Error);
  EXPECT_THROW(unpack<Lists>(of({0xdd, 0x7f, 0xff, 0xff, 0xff, 1, 2, 3})), Error);
  EXPECT_THROW(unpack<Lists>(of({0x90, 0x00})), Error) << "bytes behind the value";
  EXPECT_THROW(unpack<int>(of({1, 2, 3})), Error);
  EXPECT_THROW(unpack<std::vector<int>>(of({1, 2, 3})), Error);
}

}  // namespace
}  // namespace zel
