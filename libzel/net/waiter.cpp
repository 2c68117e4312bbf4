// Why: see waiter.hpp. The only clock of this folder.
#include "libzel/net/waiter.hpp"

#include <sched.h>

#include <algorithm>

namespace zel::net {
namespace {

void pause_core() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

WaitPolicy WaitPolicy::for_ranks(int ranks, int cores) {
  using std::chrono::microseconds;
  if (ranks <= cores) return {microseconds(50), microseconds(20)};
  return {microseconds(0), microseconds(100)};
}

Deadline::Deadline(base::Duration limit) {
  constexpr base::Duration longest = std::chrono::hours(24 * 365);
  if (limit.count() >= 0 && limit < longest) at_ = std::chrono::steady_clock::now() + limit;
}

base::Duration Deadline::left() const {
  if (at_ == base::never) return base::Duration(-1);
  return std::max(base::Duration(0), at_ - std::chrono::steady_clock::now());
}

bool Waiter::look_again_by_the_clock() {
  // Reading the clock costs as much as several looks.
  constexpr unsigned looks_per_reading = 16;
  const bool spinning = policy_.spin.count() > 0;
  if (spinning && looks_ % looks_per_reading != 0) {
    pause_core();
    return true;
  }
  const base::Time now = std::chrono::steady_clock::now();
  if (started_ == base::Time{}) started_ = now;
  const base::Duration waited = now - started_;
  if (waited < policy_.spin) return true;
  if (waited >= policy_.spin + policy_.yield) return false;
  ::sched_yield();
  return true;
}

}  // namespace zel::net
