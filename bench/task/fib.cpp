// Why: what a spawn and its sync cost: fib without a cut-off, against the plain recursion; by one thread alone, by
// one that asks at every spawn whether a message has come, as in a job, and by two that steal from each other.
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "bench/task/measure.hpp"
#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/example_tasks.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace {

using bench::best_ns_per_task;
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

double tasks_ns(int n, zel::task::TaskTransport& transport, int threads = 1) {
  const zel::task::SystemTaskClock clock;
  zel::task::Runtime runtime(transport, clock, {.threads = threads});
  return best_ns_per_task(n, [&] { return zel::task::compute_on(runtime, Fib{n}); });
}

}  // namespace

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 30;
  zel::task::NoNetwork alone;
  Listening listening;
  std::printf("{\"plain\": %.2f, \"1 thread\": %.2f, \"1 thread, listening\": %.2f, \"2 threads\": %.2f}\n",
              best_ns_per_task(n, [n] { return plain(n); }), tasks_ns(n, alone), tasks_ns(n, listening),
              tasks_ns(n, alone, 2));
}
