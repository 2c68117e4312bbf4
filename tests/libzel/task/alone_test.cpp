// Why: all that a program sees of tasks holds on one rank already, where nothing is packed or sent.
#include <gmock/gmock.h>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

using example::Fails;
using example::Fib;

template <Task T>
ResultOf<T> alone(const T& root, ComputeReport* report = nullptr) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {});
  return compute_on(runtime, root, report);
}

Errc code_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << "nothing was thrown";
  return Errc::system;
}

TEST(Alone, ComputesAndCountsEverySpawn) {
  ComputeReport report;
  EXPECT_EQ(alone(Fib{20}, &report), 6765);
  ASSERT_EQ(report.workers.size(), 1u);
  EXPECT_EQ(report.workers[0].tasks, example::fib_spawns(20));
  EXPECT_EQ(report.workers[0].stolen, 0u);
  EXPECT_GT(report.workers[0].busy_seconds, 0);
  EXPECT_GE(report.workers[0].wall_seconds, 0);
}

TEST(Alone, GroupsOfAnySizeKeepTheirOrder) {
  struct Squares {
    int count;
    std::vector<int> run() const {
      struct Square {
        int n;
        int run() const { return n * n; }
      };
      TaskGroup<Square> group;
      for (int i = 0; i < count; ++i) group.spawn(Square{i});
      return group.sync();
    }
  };
  for (const int count : {0, 1, 8, 9, 100, 5000}) {
    const auto squares = alone(Squares{count});
    ASSERT_EQ(squares.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) EXPECT_EQ(squares[static_cast<std::size_t>(i)], i * i);
  }
}

TEST(Alone, AGroupMayBeUsedAgain) {
  struct Twice {
    int n;
    int run() const {
      TaskGroup<Fib> group;
      group.spawn(Fib{n});
      const long first = group.sync().at(0);
      group.spawn(Fib{n});
      group.spawn(Fib{n});
      return static_cast<int>(first + group.sync().at(1));
    }
  };
  EXPECT_EQ(alone(Twice{10}), 110);
}

TEST(Alone, ChildrenMayBeSyncedInAnyOrder) {
  struct AnyOrder {
    int n;
    long run() const {
      Spawned<Fib> a(Fib{n});
      Spawned<Fib> b(Fib{n + 1});
      Spawned<Fib> c(Fib{n + 2});
      const long first = a.sync();
      return first * 10000 + c.sync() * 100 + b.sync();
    }
  };
  EXPECT_EQ(alone(AnyOrder{5}), 51308);
}

TEST(Alone, AChildThatIsNotSyncedIsRunAllTheSame) {
  static int runs;
  runs = 0;
  struct Counts {
    int value;
    int run() const { return ++runs; }
  };
  struct Drops {
    int value;
    int run() const {
      Spawned<Counts> dropped(Counts{1});
      return 7;
    }
  };
  EXPECT_EQ(alone(Drops{0}), 7);
  EXPECT_EQ(runs, 1);
}

TEST(Alone, ExceptionsAreThoseThatWereThrown) {
  struct Parent {
    int value;
    int run() const {
      Spawned<Fails> child(Fails{value});
      return child.sync();
    }
  };
  EXPECT_THROW(alone(Parent{-3}), std::runtime_error);
  EXPECT_THROW(alone(Fails{-1}), std::runtime_error);
  EXPECT_EQ(alone(Parent{3}), 3);
}

TEST(Alone, AGroupThrowsWhatItsFirstFailedChildThrewAfterAllEnded) {
  static int runs;
  runs = 0;
  struct Counts {
    int value;
    int run() const {
      ++runs;
      return Fails{value}.run();
    }
  };
  struct Parent {
    int value;
    int run() const {
      TaskGroup<Counts> group;
      for (const int child : {1, -2, 3, -4}) group.spawn(Counts{child});
      group.sync();
      return 0;
    }
  };
  try {
    alone(Parent{0});
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "value -2");
  }
  EXPECT_EQ(runs, 4);
}

TEST(Alone, MisuseIsAUsageError) {
  EXPECT_EQ(code_of([] { Spawned<Fib> nowhere(Fib{3}); }), Errc::usage);
  EXPECT_EQ(code_of([] {
              TaskGroup<Fib> group;
              group.spawn(Fib{3});
            }),
            Errc::usage);
  struct SyncsTwice {
    int value;
    int run() const {
      Spawned<Fails> child(Fails{value});
      return child.sync() + child.sync();
    }
  };
  EXPECT_EQ(code_of([] { alone(SyncsTwice{1}); }), Errc::usage);
  struct ComputesInside {
    int value;
    long run() const { return alone(Fib{value}); }
  };
  EXPECT_EQ(code_of([] { alone(ComputesInside{5}); }), Errc::usage);
  EXPECT_EQ(alone(Fib{10}), 55) << "a failed computation leaves nothing behind";
}

// Far more children than the deque holds at first, and more than it holds at most.
TEST(Alone, AFullDequeRunsChildrenAtOnce) {
  struct Leaf {
    int value;
    int run() const { return value; }
  };
  struct Wide {
    int count;
    long run() const {
      TaskGroup<Leaf> group;
      for (int i = 0; i < count; ++i) group.spawn(Leaf{1});
      long sum = 0;
      for (const int one : group.sync()) sum += one;
      return sum;
    }
  };
  const int count = static_cast<int>(detail::FrameDeque::max_capacity) + 5;
  ComputeReport report;
  EXPECT_EQ(alone(Wide{count}, &report), count);
  EXPECT_EQ(report.workers[0].tasks, static_cast<std::uint64_t>(count));
}

TEST(Alone, EfficiencyIsBusyOverWall) {
  ComputeReport report;
  EXPECT_EQ(report.efficiency(), 0);
  report.workers = {{.rank = 0, .busy_seconds = 3, .wall_seconds = 4},
                    {.rank = 1, .busy_seconds = 1, .wall_seconds = 4}};
  EXPECT_DOUBLE_EQ(report.efficiency(), 0.5);
}

}  // namespace
}  // namespace zel::task
