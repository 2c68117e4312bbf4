// Why: spawn and sync must cost next to nothing when nobody steals, so their common path is here, inline:
// a store at the top of the deque, a comparison with the top of the deque. All else is behind a virtual call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "zel/export.hpp"
#include "zel/task_frame.hpp"

namespace zel::detail {

/// The tasks that may be run here or stolen, oldest at the bottom. Used by one thread.
class ZEL_API FrameDeque {
 public:
  static constexpr std::size_t first_capacity = 1024;
  static constexpr std::size_t max_capacity = std::size_t{1} << 22;

  FrameDeque();

  /// False if it is full, at max_capacity.
  bool push(TaskFrame* frame) {
    if (top_ == end_ && !make_room()) [[unlikely]]
      return false;
    *top_++ = frame;
    return true;
  }
  // The slot below the bottom is always null, so that the comparison also answers "is it empty".
  bool pop_if_top(const TaskFrame* frame) {
    if (top_[-1] != frame) [[unlikely]]
      return false;
    --top_;
    return true;
  }
  /// The newest, or null.
  TaskFrame* pop() { return empty() ? nullptr : *--top_; }
  /// The oldest, or null.
  TaskFrame* oldest() const { return empty() ? nullptr : *bottom_; }
  /// Takes out what oldest() returned, if anything.
  void drop_oldest();
  /// Takes out one that may be anywhere. O(how far it is from the top).
  bool remove(const TaskFrame* frame);
  bool empty() const { return top_ == bottom_; }
  std::size_t size() const { return static_cast<std::size_t>(top_ - bottom_); }

 private:
  bool make_room();

  std::unique_ptr<TaskFrame*[]> slots_;
  TaskFrame** bottom_;
  TaskFrame** top_;
  TaskFrame** end_;
};

/// What a thread inside compute() works with.
class ZEL_API TaskWorker {
 public:
  virtual ~TaskWorker();

  /// Offers the frame to whoever is idle. Throws Error: member_lost when the running task is abandoned.
  void spawn(TaskFrame& frame) {
    frame.state = FrameState::queued;
    if (!deque_.push(&frame)) [[unlikely]] {
      run_now(frame);
    } else if (attention_ || (pending_ != nullptr && pending_(pending_of_))) [[unlikely]] {
      attend(frame);
    }
  }
  /// True if nobody took the frame and it is the next to run: the caller runs it.
  bool take_back(TaskFrame& frame) {
    if (!deque_.pop_if_top(&frame)) [[unlikely]]
      return false;
    frame.state = FrameState::taken;
    ++tasks_;
    return true;
  }
  /// Returns when the frame is settled.
  virtual void finish(TaskFrame& frame) noexcept = 0;

 protected:
  virtual void run_now(TaskFrame& frame) = 0;
  virtual void attend(TaskFrame& frame) = 0;

  FrameDeque deque_;
  bool attention_ = false;                  // the next spawn has to look up
  bool (*pending_)(const void*) = nullptr;  // whether messages may have arrived; null if none ever can
  const void* pending_of_ = nullptr;
  std::uint64_t tasks_ = 0;
};

/// The worker of this thread while it is inside compute(), else null. The model of thread-local storage is
/// named because the default one calls a function per access from a shared library.
extern ZEL_API constinit thread_local TaskWorker* current_worker __attribute__((tls_model("initial-exec")));

[[noreturn]] ZEL_API void throw_outside_compute();
[[noreturn]] ZEL_API void throw_synced_twice();

inline void spawn_frame(TaskFrame& frame) {
  TaskWorker* const worker = current_worker;
  if (worker == nullptr) [[unlikely]]
    throw_outside_compute();
  worker->spawn(frame);
}

/// Settles a frame that was spawned, wherever it is.
inline void finish_frame(TaskFrame& frame) {
  if (frame.settled()) return;
  if (current_worker == nullptr) throw_outside_compute();
  current_worker->finish(frame);
}

}  // namespace zel::detail
