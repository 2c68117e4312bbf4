// Why: what an abort drops, what it stops and what it leaves.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

template <Task T>
ResultOf<T> with_threads(int threads, const T& root) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {.threads = threads});
  return compute_on(runtime, root);
}

struct Leaf {
  int value;
  static inline std::atomic<int> runs{0};
  int run() const {
    ++runs;
    if (value == 0) abort_siblings();
    return value;
  }
};

TEST(Abort, WhatWasNotBegunIsDropped) {
  struct Root {
    int children;
    int run() const {
      AbortScope scope;
      TaskGroup<Leaf> group;
      for (int i = 0; i < children; ++i) group.spawn(Leaf{children - 1 - i});  // the last is run first
      int ended = 0;
      for (const auto& result : group.sync_finished()) ended += result ? 1 : 0;
      return scope.aborted() ? ended : -1;
    }
  };
  Leaf::runs = 0;
  EXPECT_EQ(with_threads(1, Root{100}), 1);
  EXPECT_EQ(Leaf::runs, 1);
}

TEST(Abort, ItsChildrenThrowAbortedAndOthersDoNot) {
  struct Root {
    int value;
    int run() const {
      Spawned<Leaf> outside(Leaf{5});
      int code = 0;
      {
        AbortScope scope;
        Spawned<Leaf> inside(Leaf{7});
        scope.abort();
        try {
          inside.sync();
        } catch (const Error& error) {
          if (error.code() == Errc::aborted) code += 10;
        }
        try {
          Spawned<Leaf> late(Leaf{8});
        } catch (const Error& error) {
          if (error.code() == Errc::aborted) code += 100;
        }
        if (zel::aborted()) code += 1000;
      }
      if (!zel::aborted()) code += 10000;
      Spawned<Leaf> after(Leaf{1});
      return code + outside.sync() + after.sync();
    }
  };
  for (const int threads : {1, 2, 4}) EXPECT_EQ(with_threads(threads, Root{0}), 11116);
}

// A stolen child that runs, and one of its own children, end when they are aborted from another thread.
TEST(Abort, WhatRunsEndsAtItsNextSpawnOrWhenItAsks) {
  static std::atomic<int> begun;
  struct Asks {
    int value;
    int run() const {
      ++begun;
      while (!zel::aborted()) std::this_thread::yield();
      return value;
    }
  };
  struct Spawns {
    int value;
    int run() const {
      ++begun;
      for (;;) {
        Spawned<Leaf> child(Leaf{value});
        child.sync();
      }
    }
  };
  struct Root {
    int value;
    int run() const {
      AbortScope scope;
      Spawned<Asks> asks(Asks{3});
      Spawned<Spawns> spawns(Spawns{4});
      while (begun.load() < 2) {
        Spawned<Leaf> nudge(Leaf{1});
        nudge.sync();
      }
      scope.abort();
      int code = 0;
      try {
        spawns.sync();
      } catch (const Error& error) {
        code = error.code() == Errc::aborted ? 10 : 0;
      }
      return code + asks.sync();
    }
  };
  for (int round = 0; round < 20; ++round) {
    begun = 0;
    ASSERT_EQ(with_threads(3, Root{0}), 13);
  }
}

TEST(Abort, OutsideAComputationIsAUsageError) {
  EXPECT_FALSE(zel::aborted());
  EXPECT_THROW(AbortScope(), Error);
  EXPECT_THROW(abort_siblings(), Error);
}

}  // namespace
}  // namespace zel::task
