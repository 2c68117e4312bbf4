// Why: see waiter.hpp. With doorbell.cpp the only clock of this folder.
#include "libzel/net/waiter.hpp"

#include <sched.h>

#include <algorithm>

namespace zel::net {

using namespace std::chrono_literals;

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
    : longest_spin_(ranks > cores ? 0us : 400us),
      spin_(ranks > cores ? 0us : 50us),
      shortest_window_(ranks > cores ? 100us : 50us),
      longest_window_(ranks > cores ? 200us : 2000us),
      window_(shortest_window_) {}

void Patience::answered_while_spinning() { spin_ = std::min(2 * spin_, longest_spin_); }

void Patience::answered_after_yield() { spin_ = std::min(std::max<base::Duration>(spin_ / 2, 1us), longest_spin_); }

void Patience::slept(base::Duration time) {
  // A wake-up takes microseconds on an idle machine and some time slices of others on a busy one.
  if (time < 8ms) window_ = std::min(2 * window_, longest_window_);
  if (time > 50ms) window_ = std::max(window_ / 2, shortest_window_);
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
  const bool spins = patience_.spin().count() > 0;
  if (spins && !yielded_) {
    pause_core();
    if (looks_ % looks_per_reading != 0) return true;
  }
  const base::Time now = std::chrono::steady_clock::now();
  if (started_ == base::Time{}) started_ = now;
  const base::Duration waited = now - started_;
  if (spins && waited < patience_.spin()) return true;
  if (waited >= patience_.window() && yielded_) return false;
  yielded_ = true;
  ::sched_yield();
  return true;
}

void Waiter::learn() {
  if (yielded_) patience_.answered_after_yield();
  else patience_.answered_while_spinning();
}

void Waiter::slept(base::Duration time) {
  patience_.slept(time);
  looks_ = 0;
  yielded_ = false;
  started_ = base::Time{};
}

}  // namespace zel::net
