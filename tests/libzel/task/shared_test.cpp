// Why: a value that only becomes better, whoever improves it and whenever.
#include "zel/shared.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>

#include "libzel/task/shared_registry.hpp"
#include "tests/libzel/task/compute_alone.hpp"
#include "zel/task.hpp"

namespace zel::task {
namespace {

Shared<int> least{"test: least", 1000};
struct Longer {
  bool operator()(const std::string& a, const std::string& b) const { return a.size() > b.size(); }
};
Shared<std::string, Longer> longest{"test: longest", ""};
struct Route {
  int length = 0;
  std::array<int, 6> places{};
  bool operator<(const Route& other) const { return length < other.length; }
};
Shared<Route> shortest{"test: shortest", {100, {}}};

struct Improves {
  int depth;
  int path;
  int run() const {
    if (depth > 0) {
      Spawned<Improves> left(Improves{depth - 1, 2 * path});
      const int right = Improves{depth - 1, 2 * path + 1}.run();
      return left.sync() + right;
    }
    const int value = 900 - path;
    const int before = least.get();
    const bool better = least.improve(value);
    if (better && least.get() > value) return 1000;  // it became worse
    if (!better && before < least.get()) return 1000;
    Route route{value, {}};
    route.places.fill(value);
    shortest.improve(route);
    const Route read = shortest.get();
    for (const int place : read.places) {
      if (read.length != 100 && place != read.length) return 1000;  // torn
    }
    longest.improve(std::string(static_cast<std::size_t>(path), 'a'));
    return 1;
  }
};

TEST(Shared, IsTheBestOfWhatAllThreadsFound) {
  for (int round = 0; round < 20; ++round) {
    for (const int threads : {1, 4}) {
      ASSERT_EQ(compute_alone(threads, Improves{8, 0}), 256);
      EXPECT_EQ(least.get(), 900 - 255);
      EXPECT_EQ(shortest.get().length, 100);  // none was shorter than what it began with
      EXPECT_EQ(longest.get().size(), 255u);
    }
  }
}

// The value of another thread's task is seen without a spawn, a sync or a message.
TEST(Shared, IsSeenByTheThreadsOfARankAtOnce) {
  struct Finds {
    int value;
    int run() const {
      least.improve(value);
      return 1;
    }
  };
  struct Waits {
    int value;
    int run() const {
      while (least.get() != value) std::this_thread::yield();
      return 1;
    }
  };
  struct Root {
    int value;
    int run() const {
      TaskGroup<Waits> waits;
      for (int i = 0; i < 2; ++i) waits.spawn(Waits{value});
      Spawned<Finds> finds(Finds{value});
      int ended = finds.sync();
      for (const int one : waits.sync()) ended += one;
      return ended;
    }
  };
  EXPECT_EQ(compute_alone(3, Root{42}), 3);
}

TEST(Shared, EachComputationBeginsAnew) {
  EXPECT_EQ(compute_alone(1, Improves{0, 500}), 1);
  EXPECT_EQ(least.get(), 400);
  EXPECT_EQ(compute_alone(1, Improves{0, 100}), 1);
  EXPECT_EQ(least.get(), 800);
}

TEST(Shared, OutsideATaskItIsReadAndNotImproved) {
  EXPECT_NO_THROW(least.get());
  try {
    least.improve(-5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Errc::usage);
  }
  EXPECT_NE(least.get(), -5);
}

TEST(Shared, WhatIsTooLongToBeSpreadIsRefused) {
  struct TooLong {
    int value;
    bool run() const {
      longest.improve(std::string(max_shared_bytes, 'a'));
      try {
        longest.improve(std::string(max_shared_bytes + 1, 'a'));
      } catch (const Error& error) {
        return error.code() == Errc::limit_reached && longest.get().size() == max_shared_bytes;
      }
      return false;
    }
  };
  EXPECT_TRUE(compute_alone(1, TooLong{0}));
}

TEST(Shared, TwoOfOneNameAreNotToldApartAndThatIsSaid) {
  EXPECT_EQ(colliding_shared_values(), std::nullopt);
  const Shared<long> same{"test: least", 0};
  const auto text = colliding_shared_values();
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("test: least"), std::string::npos);
  EXPECT_THROW(compute_alone(1, Improves{0, 1}), Error);
}

TEST(Shared, OfWhatOtherRanksTellTheBetterIsTakenAndNonsenseIsNot) {
  RegisteredValues values;
  std::size_t index = 0;
  while (values.key(index) != detail::task_type_key("test: least")) ++index;
  EXPECT_EQ(compute_alone(1, Improves{0, 100}), 1);
  const std::uint64_t version = values.version(index);
  EXPECT_EQ(values.take(index, pack(900)), SharedValues::Taken::no_better);
  EXPECT_EQ(values.take(index, pack(std::string("seven b"))), SharedValues::Taken::malformed);
  EXPECT_EQ(values.version(index), version);
  EXPECT_EQ(values.take(index, pack(3)), SharedValues::Taken::better);
  EXPECT_EQ(values.version(index), version + 1);
  EXPECT_EQ(least.get(), 3);
}

}  // namespace
}  // namespace zel::task
