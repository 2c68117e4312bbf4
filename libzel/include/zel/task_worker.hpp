// Why: spawn and sync must cost next to nothing when nobody steals, so their common path is here, inline:
// a store at the top of the deque, a comparison with the top of the deque. No other thread looks into this
// deque, so there is nothing locked in it; what may be stolen is moved out of it by its owner, who is asked to
// by a flag. All else is behind a virtual call.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "zel/export.hpp"
#include "zel/task_frame.hpp"

namespace zel::detail {

/// The tasks of one thread that nobody else can see, oldest at the bottom.
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

/// What a thread inside compute() works with; used by that thread, but for ask().
class ZEL_API TaskWorker {
 public:
  virtual ~TaskWorker();

  /// Offers the frame to whoever is idle. Throws Error: member_lost when the running task is abandoned.
  void spawn(TaskFrame& frame) {
    frame.state.store(FrameState::queued, std::memory_order_relaxed);
    frame.scope = scope_;
    if (!deque_.push(&frame)) [[unlikely]] {
      run_now(frame);
    } else if (asked() || (pending_ != nullptr && pending_(pending_of_))) [[unlikely]] {
      attend(frame);
    }
  }
  /// True if nobody took the frame and it is the next to run: the caller runs it. May also settle it.
  bool take_back(TaskFrame& frame) {
    if (!deque_.pop_if_top(&frame)) [[unlikely]]
      return false;
    if (asked() || stack_is_low()) [[unlikely]]
      return take_back_slowly(frame);
    frame.state.store(FrameState::taken, std::memory_order_relaxed);
    ++tasks_;
    return true;
  }
  /// As a spawn does, lets others have what they ask for. For long loops.
  void glance() {
    if (asked() || (pending_ != nullptr && pending_(pending_of_))) [[unlikely]]
      look();
  }
  /// Returns when the frame is settled.
  virtual void finish(TaskFrame& frame) noexcept = 0;
  /// Runs a frame that was never spawned, on a stack with room. Its state is that of a settled one after.
  virtual void run_apart(TaskFrame& frame) noexcept = 0;
  /// A scope was cancelled: every thread of the process is to look.
  virtual void tell_all() = 0;
  /// A shared value was improved by a task of this thread: other ranks are to be told.
  virtual void tell_ranks() = 0;

  /// The next spawn or sync is to look up. Any thread.
  void ask() { asked_.store(true, std::memory_order_relaxed); }
  /// How many tasks lie here that nobody else has seen.
  std::size_t in_stock() const { return deque_.size(); }
  /// Whether a task that is begun here may find too little stack.
  bool stack_is_low() const { return static_cast<const std::byte*>(__builtin_frame_address(0)) < stack_floor_; }
  const TaskScope* scope() const { return scope_; }
  void set_scope(const TaskScope* scope) { scope_ = scope; }

 protected:
  virtual void look() = 0;
  virtual void run_now(TaskFrame& frame) = 0;
  virtual void attend(TaskFrame& frame) = 0;
  virtual bool take_back_slowly(TaskFrame& frame) = 0;
  bool asked() const { return asked_.load(std::memory_order_relaxed); }

  FrameDeque deque_;
  std::atomic<bool> asked_{false};
  const std::byte* stack_floor_ = nullptr;  // below it the stack is low
  const TaskScope* scope_ = nullptr;        // of the running task
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
