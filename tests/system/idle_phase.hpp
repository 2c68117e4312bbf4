// Why: workers with nothing to steal must leave the machine to others. Two ranks of three threads meet, and
// then one thread computes alone for a while: what the five others use of the processor meanwhile is read
// from /proc.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "tests/support/process.hpp"

namespace zel::test {

/// Processor time of a thread, or 0 if it is gone.
inline std::int64_t used_by_thread_ns(const std::filesystem::path& thread) {
  std::ifstream file(thread / "schedstat");
  std::int64_t ns = 0;
  return file >> ns ? ns : 0;
}

/// Of all threads of a process but its first, or of all.
inline std::int64_t used_by_threads_ns(pid_t pid, bool first_too) {
  std::int64_t sum = 0;
  std::error_code gone;
  const std::string first = std::to_string(pid);
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + first + "/task", gone)) {
    if (first_too || thread.path().filename() != first) sum += used_by_thread_ns(thread.path());
  }
  return sum;
}

inline void expect_idle_workers_cost_nothing(double seconds) {
  const std::string mark = "idle." + std::to_string(::getpid());
  const std::string text = std::to_string(seconds);
  Process job({program("zrun"), "-q", "-n", "2", program("idle_probe"), text},
              {.input = {},
               .keep_stdin_open = false,
               .environment = {{"ZEL_TEST_MARK", mark}, {"ZEL_THREADS", "3"}},
               .directory = {}});
  ASSERT_TRUE(job.wait_for_output("begun"));
  const auto pid_of = [&](const char* rank) {
    const auto ranks = processes_with(std::string("ZEL_RANK=") + rank);
    for (const pid_t pid : processes_with("ZEL_TEST_MARK=" + mark)) {
      if (std::find(ranks.begin(), ranks.end(), pid) != ranks.end()) return pid;
    }
    return pid_t{0};
  };
  const pid_t busy = pid_of("0");
  const pid_t idle = pid_of("1");
  ASSERT_NE(busy, 0);
  ASSERT_NE(idle, 0);
  const std::int64_t first_before = used_by_threads_ns(busy, true);
  const std::int64_t others_before = used_by_threads_ns(busy, false);
  const std::int64_t idle_before = used_by_threads_ns(idle, true);
  ASSERT_EQ(job.output().find("over"), std::string::npos);
  // When the phase is over the ranks soon are gone: what was read last before counts.
  std::int64_t first = 0, others = 0, of_rank = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(static_cast<int>(seconds) + 20);
  while (!job.wait_for_output("over", std::chrono::milliseconds(20)) && std::chrono::steady_clock::now() < until) {
    first = std::max(first, used_by_threads_ns(busy, true) - first_before);
    others = std::max(others, used_by_threads_ns(busy, false) - others_before);
    of_rank = std::max(of_rank, used_by_threads_ns(idle, true) - idle_before);
  }
  ASSERT_NE(job.output().find("over"), std::string::npos);
  const auto done = job.finish();
  EXPECT_EQ(done.status, 0) << done.err;
  // The busy thread had the processor for some of the phase; the others must not have had a hundredth of it.
  const auto limit = static_cast<std::int64_t>(seconds * 1e9 / 100);
  EXPECT_GT(first, limit);
  EXPECT_LT(others, 2 * limit) << "two helping threads of the busy rank";
  EXPECT_LT(of_rank, limit) << "the idle rank, all three threads and what listens to the node";
}

}  // namespace zel::test
