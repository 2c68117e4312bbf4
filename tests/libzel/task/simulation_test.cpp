// Why: the promise of stealing (every task's result is used exactly once, whoever dies) over thousands of
// schedules, each replayable from the seed that a failure names.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/simulated_network.hpp"

namespace zel::task {
namespace {

using example::Tree;
using example::Words;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t seeds = 60;
#else
constexpr std::uint64_t seeds = 350;
#endif

Tree tree_of(std::uint64_t seed) {
  // Not too small to be worth stealing, not too large to be simulated often.
  for (auto number = static_cast<std::uint32_t>(seed * 977);; ++number) {
    const Tree tree{number, 5};
    const long nodes = tree.count();
    if (nodes > 30 && nodes < 120) return tree;
  }
}

struct Totals {
  std::uint64_t stolen = 0;
  std::uint64_t redone = 0;
  std::uint64_t late = 0;
};

// Computes a tree on a simulated network and checks the result at every rank that lives.
Totals check_tree(const SimulationSetup& setup, int max_fibers = 32) {
  SCOPED_TRACE("seed " + std::to_string(setup.seed) + ", size " + std::to_string(setup.size) + ", kills " +
               std::to_string(setup.kills));
  const Tree tree = tree_of(setup.seed);
  const long nodes = tree.count();
  SimulatedNetwork network(setup);
  Totals totals;
  network.run([&](TaskTransport& transport, const TaskClock& clock) {
    Runtime runtime(transport, clock,
                    {.seed = setup.seed * 64 + static_cast<std::uint64_t>(transport.rank()),
                     .worker = {.thread = {.max_fibers = max_fibers}}});
    ComputeReport report;
    const long result = compute_on(runtime, tree, &report);
    if (network.died(transport.rank())) return;
    EXPECT_EQ(result, nodes) << "at rank " << transport.rank();
    EXPECT_EQ(runtime.dropped().malformed, 0u);
    EXPECT_EQ(runtime.counters().unexpected, 0u);
    totals.late += runtime.counters().late;
    totals.redone += runtime.counters().redone;
    if (transport.rank() != 0) {
      EXPECT_TRUE(report.workers.empty());
      return;
    }
    std::uint64_t tasks = 0;
    for (const WorkerReport& worker : report.workers) {
      tasks += worker.tasks;
      totals.stolen += worker.stolen;
    }
    if (setup.kills == 0) {
      EXPECT_EQ(tasks, static_cast<std::uint64_t>(nodes - 1)) << "every spawned task is run once";
      EXPECT_EQ(report.workers.size(), static_cast<std::size_t>(setup.size));
    }
  });
  EXPECT_EQ(network.failure(), "");
  return totals;
}

void add(Totals& sum, const Totals& more) {
  sum.stolen += more.stolen;
  sum.redone += more.redone;
  sum.late += more.late;
}

TEST(Simulation, EveryTaskIsRunOnce) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    add(totals, check_tree({.size = 2 + static_cast<int>(seed % 5), .seed = seed}));
  }
  EXPECT_GT(totals.stolen, seeds / 2) << "the simulation is to steal";
  EXPECT_EQ(totals.redone, 0u);
}

TEST(Simulation, TheResultIsExactWhoeverDies) {
  Totals totals;
  for (std::uint64_t seed = 1; seed <= seeds + seeds / 2 && !testing::Test::HasFailure(); ++seed) {
    const int size = 3 + static_cast<int>(seed % 5);
    add(totals, check_tree({.size = size, .seed = seed, .kills = 1 + static_cast<int>(seed % 3)}));
  }
  EXPECT_GT(totals.redone, seeds / 20) << "the simulation is to lose tasks";
}

TEST(Simulation, AtTheBoundOfFibersTheResultIsExactToo) {
  for (std::uint64_t seed = 1; seed <= seeds / 2 && !testing::Test::HasFailure(); ++seed) {
    const int fibers = 1 + static_cast<int>(seed % 2);
    check_tree({.size = 5, .seed = seed, .kills = static_cast<int>(seed % 2)}, fibers);
  }
}

TEST(Simulation, WithoutRankZeroAllOthersThrowMemberLost) {
  for (std::uint64_t seed = 1; seed <= seeds / 4; ++seed) {
    SimulatedNetwork network({.size = 4, .seed = seed, .kill_root = true, .kill_window_us = 200});
    int lost = 0;
    int completed = 0;
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      Runtime runtime(transport, clock, {.seed = seed});
      try {
        compute_on(runtime, tree_of(seed));
        ++completed;
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::member_lost);
        EXPECT_EQ(error.rank(), 0);
        ++lost;
      }
    });
    EXPECT_EQ(network.failure(), "") << "seed " << seed;
    EXPECT_EQ(lost + completed, 4) << "seed " << seed;
  }
}

// Ranks run ahead of one another by whole computations; messages of another one are never mixed in.
TEST(Simulation, ComputationsInARow) {
  for (std::uint64_t seed = 1; seed <= seeds / 2 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SimulatedNetwork network({.size = 3, .seed = seed, .kills = static_cast<int>(seed % 2)});
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      Runtime runtime(transport, clock, {.seed = seed + static_cast<std::uint64_t>(transport.rank())});
      for (std::uint64_t round = 0; round < 4; ++round) {
        const Tree tree = tree_of(seed + round);
        const long result = compute_on(runtime, tree);
        if (network.died(transport.rank())) return;
        EXPECT_EQ(result, tree.count()) << "round " << round;
        EXPECT_EQ(runtime.counters().unexpected, 0u);
      }
    });
    EXPECT_EQ(network.failure(), "");
  }
}

TEST(Simulation, TypesThatMsgpackCarries) {
  std::vector<std::string> words;
  std::vector<std::string> doubled;
  for (int i = 0; i < 40; ++i) {
    words.push_back("w" + std::to_string(i));
    doubled.push_back(words.back() + words.back());
  }
  for (std::uint64_t seed = 1; seed <= seeds / 8 && !testing::Test::HasFailure(); ++seed) {
    SimulatedNetwork network({.size = 4, .seed = seed, .kills = static_cast<int>(seed % 2)});
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      Runtime runtime(transport, clock, {.seed = seed});
      const auto result = compute_on(runtime, Words{words});
      if (network.died(transport.rank())) return;
      EXPECT_EQ(result, doubled);
    });
    EXPECT_EQ(network.failure(), "") << "seed " << seed;
  }
}

struct FailingTree {
  int depth;
  int path;
  int run() const {
    if (depth == 0) {
      if (path == 5) throw std::runtime_error("leaf 5 failed");
      return 1;
    }
    Spawned<FailingTree> left(FailingTree{depth - 1, 2 * path});
    Spawned<FailingTree> right(FailingTree{depth - 1, 2 * path + 1});
    return left.sync() + right.sync();
  }
};

TEST(Simulation, AnExceptionReachesEveryRankWithItsText) {
  int from_afar = 0;
  for (std::uint64_t seed = 1; seed <= seeds / 4 && !testing::Test::HasFailure(); ++seed) {
    SimulatedNetwork network({.size = 4, .seed = seed});
    network.run([&](TaskTransport& transport, const TaskClock& clock) {
      Runtime runtime(transport, clock, {.seed = seed});
      try {
        compute_on(runtime, FailingTree{5, 0});
        ADD_FAILURE() << "nothing was thrown";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::task_failed);
        EXPECT_STREQ(error.what(), "leaf 5 failed");
        if (transport.rank() == 0) ++from_afar;
      } catch (const std::runtime_error& error) {
        EXPECT_EQ(transport.rank(), 0);
        EXPECT_STREQ(error.what(), "leaf 5 failed");
      }
    });
    EXPECT_EQ(network.failure(), "") << "seed " << seed;
  }
  EXPECT_GT(from_afar, 0);
}

}  // namespace
}  // namespace zel::task
