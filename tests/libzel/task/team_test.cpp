// Why: several threads in a rank: every task once, whoever takes it, with more threads than cores.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

using example::Fib;
using example::Tree;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int rounds = 10;
#else
constexpr int rounds = 100;
#endif

template <Task T>
ResultOf<T> with_threads(int threads, const T& root, ComputeReport* report = nullptr, std::uint64_t seed = 1) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {.seed = seed, .threads = threads});
  return compute_on(runtime, root, report);
}

TEST(Team, CountsAreExactWithAnyNumberOfThreads) {
  const Tree tree{7, 9};
  const long nodes = tree.count();
  ASSERT_GT(nodes, 1000);
  for (int round = 0; round < rounds; ++round) {
    for (const int threads : {2, 4, 8}) {
      ComputeReport report;
      ASSERT_EQ(with_threads(threads, tree, &report, static_cast<std::uint64_t>(round)), nodes);
      ASSERT_EQ(report.workers.at(0).tasks, static_cast<std::uint64_t>(nodes - 1));
      ASSERT_EQ(report.workers.at(0).threads, threads);
      ASSERT_EQ(with_threads(threads, Fib{16}, &report), 987);
      ASSERT_EQ(report.workers.at(0).tasks, example::fib_spawns(16));
    }
  }
}

// A task that ends only once others run beside it, as many as there are threads.
struct Meets {
  int expected;
  static inline std::atomic<int> here{0};
  int run() const {
    ++here;
    while (here.load() < expected) std::this_thread::yield();
    return 1;
  }
};
struct Meeting {
  int size;
  int run() const {
    TaskGroup<Meets> group;
    for (int i = 0; i < size; ++i) group.spawn(Meets{size});
    int all = 0;
    for (const int one : group.sync()) all += one;
    return all;
  }
};

TEST(Team, AllThreadsWorkAtATime) {
  for (const int threads : {2, 4, 8}) {
    Meets::here = 0;
    EXPECT_EQ(with_threads(threads, Meeting{threads}), threads);
  }
}

// A parent that waits for a stolen child takes up other work, which comes to wait itself; when the child has
// come the parent must go on, though what it took up cannot end before that.
//
//     A: Root ── waits for Slow ── steals Other ── waits for X │ Root goes on, X may end
//     B: Slow until X has begun           C: Far ── waits for Other ── steals X
struct Stage {
  static inline std::atomic<int> far{0}, slow{0}, other{0}, x{0}, went_on{0};
  static void until(const std::atomic<int>& flag) {
    while (flag.load() == 0) std::this_thread::yield();
  }
};
struct StageX {
  int value;
  int run() const {
    Stage::x = 1;
    Stage::until(Stage::went_on);
    return value;
  }
};
struct StageOther {
  int value;
  int run() const {
    Stage::other = 1;
    Spawned<StageX> x(StageX{value});
    Stage::until(Stage::x);
    return x.sync();
  }
};
struct StageFar {
  int value;
  int run() const {
    Stage::far = 1;
    Stage::until(Stage::slow);
    Spawned<StageOther> other(StageOther{value});
    Stage::until(Stage::other);
    return other.sync();
  }
};
struct StageSlow {
  int value;
  int run() const {
    Stage::slow = 1;
    Stage::until(Stage::x);
    return value;
  }
};
struct StageRoot {
  int value;
  int run() const {
    Spawned<StageFar> far(StageFar{20});
    Spawned<StageSlow> slow(StageSlow{300});
    while (Stage::far.load() == 0 || Stage::slow.load() == 0) {
      Spawned<Fib> nudge(Fib{1});
      nudge.sync();
    }
    const int first = slow.sync();
    Stage::went_on = 1;
    return first + far.sync();
  }
};

TEST(Team, WhoWaitsIsNotBuriedUnderTheWorkItTookUp) {
  for (int round = 0; round < rounds / 5; ++round) {
    for (auto* flag : {&Stage::far, &Stage::slow, &Stage::other, &Stage::x, &Stage::went_on}) *flag = 0;
    ASSERT_EQ(with_threads(3, StageRoot{0}, nullptr, static_cast<std::uint64_t>(round)), 320);
  }
}

TEST(Team, ATaskStaysOnItsThread) {
  struct Stays {
    int depth;
    int run() const {
      if (depth == 0) return 0;
      const auto before = std::this_thread::get_id();
      Spawned<Stays> left(Stays{depth - 1});
      Spawned<Stays> right(Stays{depth - 1});
      int moved = left.sync();
      moved += right.sync();
      return moved + (before == std::this_thread::get_id() ? 0 : 1);
    }
  };
  for (int round = 0; round < rounds; ++round) ASSERT_EQ(with_threads(4, Stays{10}), 0);
}

TEST(Team, ExceptionsOfStolenTasksAreThoseThatWereThrown) {
  struct Failing {
    int depth;
    int path;
    int run() const {
      if (depth == 0) {
        if (path == 77) throw std::out_of_range("leaf 77");
        return 1;
      }
      Spawned<Failing> left(Failing{depth - 1, 2 * path});
      Spawned<Failing> right(Failing{depth - 1, 2 * path + 1});
      return left.sync() + right.sync();
    }
  };
  for (int round = 0; round < rounds; ++round) {
    try {
      with_threads(4, Failing{8, 0});
      FAIL();
    } catch (const std::out_of_range& error) {
      ASSERT_STREQ(error.what(), "leaf 77");
    }
  }
}

// A task may wait while it handles an exception; another one's is not mixed up with it.
TEST(Team, WaitingInsideACatchKeepsTheException) {
  struct Catches {
    int depth;
    int run() const {
      if (depth == 0) return 0;
      try {
        throw std::runtime_error(std::to_string(depth));
      } catch (const std::runtime_error& error) {
        Spawned<Catches> left(Catches{depth - 1});
        Spawned<Catches> right(Catches{depth - 1});
        int wrong = left.sync() + right.sync();
        try {
          throw;
        } catch (const std::runtime_error& again) {
          if (again.what() != std::to_string(depth)) ++wrong;
        }
        return wrong + (error.what() == std::to_string(depth) ? 0 : 1);
      }
    }
  };
  for (int round = 0; round < rounds / 5; ++round) ASSERT_EQ(with_threads(4, Catches{8}), 0);
}

TEST(Team, SeveralRanksOfSeveralThreads) {
  const Tree tree{7, 9};
  const long nodes = tree.count();
  for (int round = 0; round < rounds / 5; ++round) {
    ThreadNetwork network(3);
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      const auto seed = static_cast<std::uint64_t>(8 * round + transport.rank());
      Runtime runtime(transport, clock, {.seed = seed, .threads = 3});
      ComputeReport report;
      EXPECT_EQ(compute_on(runtime, tree, &report), nodes);
      if (transport.rank() != 0) return;
      std::uint64_t tasks = 0;
      for (const WorkerReport& worker : report.workers) tasks += worker.tasks;
      EXPECT_EQ(report.workers.size(), 3u);
      EXPECT_EQ(tasks, static_cast<std::uint64_t>(nodes - 1));
    });
  }
}

// The thread that speaks sleeps where messages wake it, and none come; the child it waits for ends on another thread.
TEST(Team, WhoSpeaksIsWokenByTheOtherThreadsOfItsRank) {
  static std::atomic<bool> begun;
  static thread_local bool at_rank_1;
  struct Slow {
    int ms;
    int run() const {
      begun = true;
      if (at_rank_1) return 0;  // its result is a message
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
      while (std::chrono::steady_clock::now() < end) std::this_thread::yield();
      return ms;
    }
  };
  struct Root {
    int ms;
    int run() const {
      for (;;) {
        begun = false;
        Spawned<Slow> slow(Slow{ms});
        while (!begun) {
          Spawned<Fib> nudge(Fib{1});
          nudge.sync();
        }
        if (const int result = slow.sync()) return result;
      }
    }
  };
  for (int round = 0; round < 5; ++round) {
    ThreadNetwork network(2);
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      at_rank_1 = transport.rank() == 1;
      Runtime runtime(transport, clock, {.threads = transport.rank() == 0 ? 2 : 1});
      EXPECT_EQ(compute_on(runtime, Root{50}), 50);
    });
  }
}

TEST(Team, AnIdleThreadCostsNoProcessorTime) {
  struct Busy {
    int ms;
    int run() const {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
      while (std::chrono::steady_clock::now() < end) {
      }
      return ms;
    }
  };
  const auto process_time = [] {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const SystemTaskClock clock;
  const auto all_before = process_time();
  const auto own_before = clock.processor_time();
  EXPECT_EQ(with_threads(8, Busy{300}), 300);
  const auto others = (process_time() - all_before) - (clock.processor_time() - own_before);
  EXPECT_LT(others, std::chrono::milliseconds(30)) << "seven threads waited for 300 ms";
}

}  // namespace
}  // namespace zel::task
