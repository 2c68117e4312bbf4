// Why: what a spawn and its sync cost when nobody steals: fib without a cut-off, against the plain recursion,
// once alone and once with the question "has a message come" asked at every spawn, as in a job.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace {

using zel::task::example::Fib;

// A rank that could be sent to and never is.
class Listening final : public zel::task::TaskTransport {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  bool send(int, zel::base::ByteView) override { return true; }
  std::optional<zel::task::Received> poll() override { return std::nullopt; }
  void wait(zel::base::Time) override {}
  std::uint64_t members_version() const override { return 0; }
  std::vector<zel::task::Presence> presence() const override { return {zel::task::Presence::present}; }
  Pending pending() const override {
    return {[](const void* of) {
              return static_cast<const Listening*>(of)->arrived_.load(std::memory_order_acquire);
            },
            this};
  }

 private:
  std::atomic<bool> arrived_{false};
};

[[gnu::noinline]] long plain(int n) { return n < 2 ? n : plain(n - 1) + plain(n - 2); }

double best_ns_per_task(int n, const auto& run) {
  double best = 1e30;
  for (int i = 0; i < 7; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (run() < 0) std::abort();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / static_cast<double>(zel::task::example::fib_spawns(n)));
  }
  return best;
}

double tasks_ns(int n, zel::task::TaskTransport& transport) {
  const zel::task::SystemTaskClock clock;
  zel::task::Runtime runtime(transport, clock, {});
  return best_ns_per_task(n, [&] { return zel::task::compute_on(runtime, Fib{n}); });
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  zel::task::NoNetwork alone;
  Listening listening;
  std::printf("{\"n\": %d, \"plain_ns\": %.2f, \"alone_ns\": %.2f, \"listening_ns\": %.2f}\n", n,
              best_ns_per_task(n, [n] { return plain(n); }), tasks_ns(n, alone), tasks_ns(n, listening));
}
