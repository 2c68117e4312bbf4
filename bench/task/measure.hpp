// Why: zel and its peers are measured by the same few lines.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>

namespace bench {

/// Spawns of fib(n) without a cut-off.
inline std::uint64_t fib_spawns(int n) { return n < 2 ? 0 : 1 + fib_spawns(n - 1) + fib_spawns(n - 2); }
inline long fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

/// The best of seven: of wall time, divided by the number of tasks.
double best_ns_per_task(int n, const auto& run) {
  const auto spawns = static_cast<double>(fib_spawns(n));
  const long expected = fib(n);
  double best = 1e30;
  for (int i = 0; i < 7; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (run() != expected) std::abort();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / spawns);
  }
  return best;
}

}  // namespace bench
