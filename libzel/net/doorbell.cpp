// Why: see doorbell.hpp. The only futex calls.
#include "libzel/net/doorbell.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

namespace zel::net {
namespace {

// Not FUTEX_PRIVATE_FLAG: sleeper and ringer are different processes.
long futex(std::atomic<std::uint32_t>* word, int operation, std::uint32_t value, const timespec* limit) {
  return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(word), operation, value, limit, nullptr, 0);
}

}  // namespace

void Doorbell::ring_now() {
  if (state_->exchange(pending_state, std::memory_order_seq_cst) == asleep_state) {
    futex(state_, FUTEX_WAKE, 1, nullptr);
  }
}

void Doorbell::clear() {
  state_->store(idle_state, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void Doorbell::prepare_to_sleep() {
  state_->store(asleep_state, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

base::Duration Doorbell::sleep(base::Duration limit) {
  const base::Time start = std::chrono::steady_clock::now();
  timespec time{};
  if (limit.count() >= 0) {
    time.tv_sec = static_cast<std::time_t>(limit.count() / 1'000'000'000);
    time.tv_nsec = static_cast<long>(limit.count() % 1'000'000'000);
  }
  futex(state_, FUTEX_WAIT, asleep_state, limit.count() >= 0 ? &time : nullptr);
  stay_awake();
  return std::chrono::steady_clock::now() - start;
}

}  // namespace zel::net
