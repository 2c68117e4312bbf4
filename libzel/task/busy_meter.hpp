// Why: how long a rank worked is measured where it turns idle or busy and nowhere else: reading a clock per
// task would cost more than a small task.
#pragma once

#include "base/time.hpp"
#include "libzel/task/transport.hpp"

namespace zel::task {

/// Sums processor time between resume() and pause(); both may be called twice in a row.
class BusyMeter {
 public:
  explicit BusyMeter(const TaskClock& clock) : clock_(clock) {}

  /// Whether it was running.
  bool pause() {
    if (!running_) return false;
    running_ = false;
    total_ += clock_.processor_time() - since_;
    return true;
  }
  void resume() {
    if (running_) return;
    running_ = true;
    since_ = clock_.processor_time();
  }
  base::Duration total() const { return total_; }

 private:
  const TaskClock& clock_;
  base::Duration total_{0};
  base::Duration since_{0};
  bool running_ = false;
};

}  // namespace zel::task
