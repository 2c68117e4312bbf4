// Why: links must be looked after while the program computes, and while its thread sleeps on a word of shared memory,
// which no socket can wake. When that thread looks by itself, a second one would only take its core: so this one steps
// back, a little longer each time, and for good when the other stays in one wait.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "base/time.hpp"
#include "base/unique_fd.hpp"

namespace zel::net {

class Bell {
 public:
  /// What it does, on its thread.
  class Work {
   public:
    virtual ~Work() = default;
    /// What is due by the clock; when the next is.
    virtual base::Time run_due() = 0;
    virtual void descriptors(std::vector<pollfd>& polled) = 0;
    virtual void pump_for_owner() = 0;
  };

  explicit Bell(Work& work) : work_(work) {}
  ~Bell() { stop(); }
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  /// Begins, once. With all signals blocked: they are the program's.
  void start();
  void stop();
  /// There is something to do, or other descriptors. Any thread.
  void kick();

  // The owner of the links says whether it looks by itself.
  void owner_looks() {
    ++waits_;
    looks_.store(true, std::memory_order_relaxed);
  }
  void owner_is_done() {
    looks_.store(false, std::memory_order_seq_cst);
    if (parked_.load(std::memory_order_seq_cst)) kick();
  }
  /// It sleeps, and must be woken.
  void owner_sleeps() {
    looks_.store(false, std::memory_order_seq_cst);
    if (away_.load(std::memory_order_seq_cst)) kick();
  }

 private:
  void run();
  /// Steps back for a while. True: not for the first time in this wait, it seems to last.
  void step_back(std::uint64_t waits);
  int time_left_ms(base::Time deadline) const;

  Work& work_;
  const pid_t process_ = current_process();
  static pid_t current_process();
  base::UniqueFd event_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> looks_{false};
  std::atomic<std::uint64_t> waits_{0};
  std::atomic<bool> away_{false};    // not polling the links
  std::atomic<bool> parked_{false};  // nor will it by itself
  int back_off_ms_ = 0;
  int in_one_wait_ms_ = 0;
  std::uint64_t seen_waits_ = 0;
};

}  // namespace zel::net
