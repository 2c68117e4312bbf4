// Why: the runtime on real threads and clocks: idle ranks sleep, more ranks than cores work.
#include <gtest/gtest.h>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {
namespace {

using example::Fib;

void check(int ranks, int n, long expected) {
  ThreadNetwork network(ranks);
  network.run([&](TaskTransport& transport, const TaskClock& clock) {
    Runtime runtime(transport, clock, {.seed = static_cast<std::uint64_t>(transport.rank())});
    for (int round = 0; round < 2; ++round) {
      ComputeReport report;
      EXPECT_EQ(compute_on(runtime, Fib{n}, &report), expected);
      if (transport.rank() != 0) continue;
      ASSERT_EQ(report.workers.size(), static_cast<std::size_t>(ranks));
      std::uint64_t tasks = 0;
      for (const WorkerReport& worker : report.workers) {
        tasks += worker.tasks;
        EXPECT_EQ(worker.redone, 0u);
        EXPECT_LE(worker.busy_seconds, worker.wall_seconds + 0.05);
      }
      EXPECT_EQ(tasks, example::fib_spawns(n));
    }
  });
}

TEST(Threads, TwoRanks) { check(2, 18, 2584); }
TEST(Threads, FortyRanksOnFewCores) { check(40, 14, 377); }

TEST(Threads, AnIdleRankCostsNoProcessorTime) {
  struct Busy {
    int ms;
    int run() const {
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
      while (std::chrono::steady_clock::now() < end) {
      }
      return ms;
    }
  };
  ThreadNetwork network(3);
  network.run([&](TaskTransport& transport, const TaskClock& clock) {
    Runtime runtime(transport, clock, {});
    const base::Duration before = clock.processor_time();
    EXPECT_EQ(compute_on(runtime, Busy{200}), 200);
    if (transport.rank() == 0) return;
    EXPECT_LT(clock.processor_time() - before, std::chrono::milliseconds(20));
  });
}

}  // namespace
}  // namespace zel::task
