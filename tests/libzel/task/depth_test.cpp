// Why: recursion may be as deep as a problem is; stacks grow in number.
#include <gtest/gtest.h>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

constexpr int depth = 100'000;

template <Task T>
ResultOf<T> with_threads(int threads, const T& root, const ThreadSetup& thread = {}) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {.threads = threads, .worker = {.thread = thread}});
  return compute_on(runtime, root);
}

struct Chain {
  int below;
  int run() const {
    if (below == 0) return 0;
    Spawned<Chain> next(Chain{below - 1});
    return next.sync() + 1;
  }
};
// A tree of one long branch with a leaf at each node, as UTS has them.
struct Comb {
  int below;
  int run() const {
    if (below == 0) return 1;
    TaskGroup<Comb> group;
    group.spawn(Comb{below - 1});
    group.spawn(Comb{0});
    int nodes = 1;
    for (const int each : group.sync()) nodes += each;
    return nodes;
  }
};
// The direct call instead of a spawn.
struct Direct {
  int below;
  int run() const {
    if (below == 0) return 0;
    return run_here(Direct{below - 1}) + 1;
  }
};
struct ThrowsBelow {
  int below;
  int run() const {
    if (below == 0) throw std::runtime_error("from the bottom");
    Spawned<ThrowsBelow> next(ThrowsBelow{below - 1});
    return next.sync() + 1;
  }
};

TEST(Depth, AChainOf100000) {
  for (const int threads : {1, 2, 4}) EXPECT_EQ(with_threads(threads, Chain{depth}), depth);
}
TEST(Depth, ACombOf100000) {
  for (const int threads : {1, 2, 4}) EXPECT_EQ(with_threads(threads, Comb{depth}), 2 * depth + 1);
}
TEST(Depth, DirectCallsOf100000) { EXPECT_EQ(with_threads(1, Direct{depth}), depth); }
TEST(Depth, AnExceptionComesUpFrom10000) {
  try {
    with_threads(2, ThrowsBelow{10'000});
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "from the bottom");
  }
}

TEST(Depth, WithoutStacksItIsAnErrorAndNotACrash) {
  ThreadSetup few;
  few.stacks.max_stacks = 3;
  for (const int threads : {1, 2}) {
    try {
      with_threads(threads, Chain{depth}, few);
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Errc::limit_reached);
    }
  }
}

}  // namespace
}  // namespace zel::task
