// Why: the same fib with OpenMP's tasks, by one and by two threads.
#include <cstdio>

#include "bench/task/measure.hpp"

namespace {

long spawned(int n) {
  if (n < 2) return n;
  long left = 0;
#pragma omp task shared(left)
  left = spawned(n - 1);
  const long right = spawned(n - 2);
#pragma omp taskwait
  return left + right;
}

double by_threads(int n, int threads) {
  return bench::best_ns_per_task(n, [&] {
    long result = 0;
#pragma omp parallel num_threads(threads)
#pragma omp single
    result = spawned(n);
    return result;
  });
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  std::printf("{\"1 thread\": %.2f, \"2 threads\": %.2f}\n", by_threads(n, 1), by_threads(n, 2));
}
