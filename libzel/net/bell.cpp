// Why: see bell.hpp.
#include "libzel/net/bell.hpp"

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace zel::net {

namespace {

constexpr int longest_back_off_ms = 4;
constexpr int long_wait_ms = 40;

}  // namespace

pid_t Bell::current_process() { return ::getpid(); }

void Bell::start() {
  if (thread_.joinable()) return kick();
  event_ = base::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Bell::stop() {
  if (!thread_.joinable()) return;
  if (::getpid() != process_) return thread_.detach();  // a forked child has no such thread
  stopping_ = true;
  kick();
  thread_.join();
}

void Bell::kick() {
  const std::uint64_t one = 1;
  if (event_) (void)!::write(event_.get(), &one, sizeof one);
}

int Bell::time_left_ms(base::Time deadline) const {
  if (deadline == base::never) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

void Bell::run() {
  std::vector<pollfd> polled;
  while (!stopping_) {
    const base::Time deadline = work_.run_due();
    polled.assign(1, {event_.get(), POLLIN, 0});
    int timeout_ms = time_left_ms(deadline);
    const bool parked = parked_.load();
    if (back_off_ms_ == 0) {
      work_.descriptors(polled);
    } else if (!parked) {
      timeout_ms = timeout_ms < 0 ? back_off_ms_ : std::min(timeout_ms, back_off_ms_);
    }
    const int ready = ::poll(polled.data(), polled.size(), timeout_ms);
    if (polled[0].revents != 0) {
      std::uint64_t count = 0;
      (void)!::read(event_.get(), &count, sizeof count);
      back_off_ms_ = 0;
      parked_ = false;
      away_ = false;
      continue;
    }
    const std::uint64_t waits = waits_.load();
    if (back_off_ms_ == 0) {
      if (ready <= 0) continue;
      if (looks_) step_back(waits);
      else work_.pump_for_owner();
    } else if (!looks_) {
      back_off_ms_ = 0;
      parked_ = false;
      away_ = false;
    } else if (!parked) {
      work_.pump_for_owner();  // the owner looks at what links bring, not at what becomes of them
      step_back(waits);
    }
  }
}

void Bell::step_back(std::uint64_t waits) {
  in_one_wait_ms_ = waits == seen_waits_ ? in_one_wait_ms_ + back_off_ms_ : 0;
  seen_waits_ = waits;
  back_off_ms_ = std::clamp(2 * back_off_ms_, 1, longest_back_off_ms);
  away_ = true;
  if (in_one_wait_ms_ < long_wait_ms) return;
  in_one_wait_ms_ = 0;
  parked_.store(true, std::memory_order_seq_cst);
  // Whoever is done before it could see that we are parked does not kick.
  if (!looks_.load(std::memory_order_seq_cst)) kick();
}

}  // namespace zel::net
