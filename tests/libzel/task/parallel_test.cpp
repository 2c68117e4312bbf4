// Why: every index once, whoever runs it, and results combined in order.
#include "zel/parallel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "tests/libzel/task/compute_alone.hpp"

namespace zel::task {
namespace {

std::array<std::atomic<int>, 1000> calls;

template <class Index>
struct ForEach {
  Index first, last, grain;
  int run() const {
    parallel_for(
        first, last, [](Index i) { ++calls.at(static_cast<std::size_t>(i)); }, grain);
    int all = 0;
    for (const auto& count : calls) all += count;
    return all;
  }
};

TEST(ParallelFor, CallsEachIndexOnce) {
  for (const int threads : {1, 2, 4}) {
    for (const int grain : {0, 1, 7, 999, 5000}) {
      for (auto& count : calls) count = 0;
      ASSERT_EQ(compute_alone(threads, ForEach<int>{3, 998, grain}), 995);
      for (std::size_t i = 0; i < calls.size(); ++i) ASSERT_EQ(calls[i], i >= 3 && i < 998) << i;
    }
  }
}

TEST(ParallelFor, AnEmptyRangeIsNothing) {
  for (auto& count : calls) count = 0;
  EXPECT_EQ(compute_alone(1, ForEach<int>{5, 5, 0}), 0);
  EXPECT_EQ(compute_alone(1, ForEach<int>{5, -5, 0}), 0);
}

TEST(ParallelFor, SmallIndicesDoNotOverflow) {
  for (auto& count : calls) count = 0;
  EXPECT_EQ(compute_alone(2, ForEach<std::uint8_t>{0, 255, 0}), 255);
  EXPECT_EQ(compute_alone(2, ForEach<std::int8_t>{0, 127, 1}), 255 + 127);
}

TEST(ParallelFor, WhatACallThrowsIsThrown) {
  struct Root {
    int value;
    int run() const {
      try {
        parallel_for(
            0, 100,
            [](int i) {
              if (i == 63) throw std::out_of_range("sixty-three");
            },
            1);
      } catch (const std::out_of_range&) {
        return 1;
      }
      return 0;
    }
  };
  for (const int threads : {1, 4}) EXPECT_EQ(compute_alone(threads, Root{0}), 1);
}

struct Concatenates {
  std::string prefix;
  ZEL_FIELDS(prefix)
  std::string operator()(int i) const { return prefix + std::to_string(i); }
};
struct Text {
  int last;
  std::string run() const {
    return parallel_reduce(0, last, std::string("begin"), Concatenates{"."}, zel::sum, 1);
  }
};

TEST(ParallelReduce, CombinesInOrder) {
  std::string expected = "begin";
  for (int i = 0; i < 100; ++i) expected += "." + std::to_string(i);
  for (const int threads : {1, 2, 4}) {
    for (int round = 0; round < 20; ++round) ASSERT_EQ(compute_alone(threads, Text{100}), expected);
  }
  EXPECT_EQ(compute_alone(1, Text{0}), "begin");
}

struct Squares {
  std::int64_t last;
  std::int64_t run() const {
    return parallel_reduce(
        std::int64_t{0}, last, std::int64_t{0}, [](std::int64_t i) { return i * i; }, zel::sum);
  }
};

TEST(ParallelReduce, ALambdaAndALongRange) {
  constexpr std::int64_t n = 1'000'000;
  for (const int threads : {1, 2})
    EXPECT_EQ(compute_alone(threads, Squares{n}), (n - 1) * n * (2 * n - 1) / 6);
}

TEST(ParallelReduce, GoesToOtherRanks) {
  ThreadNetwork network(3);
  network.run([&](TaskTransport& transport, const TaskClock& clock) {
    Runtime runtime(transport, clock, {.seed = static_cast<std::uint64_t>(transport.rank())});
    const std::string text = compute_on(runtime, Text{300});
    EXPECT_TRUE(text.ends_with(".297.298.299"));
    EXPECT_EQ(text.size(), 5u + 10 * 2 + 90 * 3 + 200 * 4);
  });
}

TEST(ParallelReduce, ABodyArrivesAsItWasSent) {
  using Task = detail::RangeTask<int, std::string, Concatenates, Sum>;
  const auto task = unpack<Task>(pack(Task{2, 5, 1, {{"#"}}, {}}));
  EXPECT_EQ(compute_alone(1, task), "#2#3#4");
  using Plain = detail::RangeTask<int, int, Minimum, Sum>;
  EXPECT_EQ(pack(Plain{}).size(), sizeof(Plain));
}

// A cut-off

struct Cut {
  int n;
  long run() const {
    if (n < 2) return n;
    Spawned<Cut> left(Cut{n - 1}, n > 10);
    const long right = Cut{n - 2}.run();
    return left.sync() + right;
  }
};
struct Stocked {
  int n;
  long run() const {
    if (n < 2) return n;
    Spawned<Stocked> left(Stocked{n - 1}, !enough_spawned(3));
    if (tasks_in_stock() > 3) return -1000000;
    const long right = Stocked{n - 2}.run();
    return left.sync() + right;
  }
};

TEST(CutOff, WhatIsNotWorthASpawnIsCalled) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  ComputeReport report;
  EXPECT_EQ(compute_on(runtime, Cut{20}, &report), 6765);
  EXPECT_EQ(report.workers.at(0).tasks, 143u);
  EXPECT_EQ(compute_on(runtime, Stocked{20}, &report), 6765);
  EXPECT_LT(report.workers.at(0).tasks, 6765u);
  EXPECT_GT(report.workers.at(0).tasks, 3u);
  EXPECT_EQ(tasks_in_stock(), 0u);
}

TEST(CutOff, AChildThatWasNotOfferedIsSyncedOnceAndMayBeForgotten) {
  struct Root {
    int value;
    int run() const {
      const Spawned<Cut> forgotten(Cut{20}, false);
      Spawned<Cut> child(Cut{10}, false);
      int result = static_cast<int>(child.sync());
      try {
        child.sync();
      } catch (const Error& error) {
        result += error.code() == Errc::usage ? 1000 : 0;
      }
      return result;
    }
  };
  EXPECT_EQ(compute_alone(1, Root{0}), 1055);
}

}  // namespace
}  // namespace zel::task
