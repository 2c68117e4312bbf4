// Why: see waiter.hpp. With doorbell.cpp the only clock of this folder.
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

Patience::Patience(int ranks, int cores)
    : yields_(ranks > cores),
      shortest_(std::chrono::microseconds(yields_ ? 100 : 50)),
      longest_(std::chrono::microseconds(yields_ ? 200 : 2000)),
      window_(shortest_) {}

void Patience::slept(base::Duration time) {
  // A wake-up takes microseconds on an idle machine and some time slices of others on a busy one.
  constexpr base::Duration short_sleep = std::chrono::milliseconds(8);
  constexpr base::Duration long_sleep = std::chrono::milliseconds(50);
  if (time < short_sleep) window_ = std::min(2 * window_, longest_);
  if (time > long_sleep) window_ = std::max(window_ / 2, shortest_);
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
  // Whom we wait for may have been put on this very core.
  constexpr base::Duration spin_only = std::chrono::microseconds(50);
  if (!patience_.yields()) {
    pause_core();
    if (looks_ % looks_per_reading != 0) return true;
  }
  const base::Time now = std::chrono::steady_clock::now();
  if (started_ == base::Time{}) started_ = now;
  const base::Duration waited = now - started_;
  if (waited >= patience_.window()) return false;
  if (patience_.yields() || waited >= spin_only) ::sched_yield();
  return true;
}

}  // namespace zel::net
