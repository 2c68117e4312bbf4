// Why: the same fib with oneTBB's task_group, by one and by two threads.
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <cstdio>

#include "bench/task/measure.hpp"

namespace {

long spawned(int n) {
  if (n < 2) return n;
  long left = 0;
  tbb::task_group group;
  group.run([&left, n] { left = spawned(n - 1); });
  const long right = spawned(n - 2);
  group.wait();
  return left + right;
}

double by_threads(int n, int threads) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
  tbb::task_arena arena(threads);
  return bench::best_ns_per_task(n, [&] { return arena.execute([n] { return spawned(n); }); });
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  std::printf("{\"1 thread\": %.2f, \"2 threads\": %.2f}\n", by_threads(n, 1), by_threads(n, 2));
}
