// Why: the node's one event loop, and the only place that names libuv besides its .cpp neighbours. It watches
// descriptors and one deadline; everything else of the node is called from here, on one thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"

struct uv_loop_s;

namespace zel::io {

class EventLoop {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Runs until stop().
  void run();
  void stop();

  base::Time now() const { return std::chrono::steady_clock::now(); }
  /// Calls `wake` once at or after `at`; a new call replaces the one before. base::never cancels it.
  void set_alarm(base::Time at, std::function<void()> wake);
  /// Calls `work` before the loop sleeps next; for flushing once what was queued many times, and for
  /// destroying what is still on the call stack. In the order given.
  void defer(std::function<void()> work);
  /// Calls `wake` when the process receives this signal.
  void on_signal(int number, std::function<void(int)> wake);

  uv_loop_s* raw() { return loop_.get(); }

 private:
  struct Parts;
  struct CloseLoop {
    void operator()(uv_loop_s* loop) const;
  };
  void run_deferred();

  std::unique_ptr<uv_loop_s, CloseLoop> loop_;
  std::unique_ptr<Parts> parts_;
};

/// Watches one descriptor. The descriptor is the caller's and must outlive the watch.
class FdWatch {
 public:
  struct Ready {
    bool readable;
    bool writable;
  };
  using Callback = std::function<void(Ready)>;

  FdWatch(EventLoop& loop, int fd, Callback callback);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  /// What to be told of. Neither: nothing, at no cost. A closed other end counts as both.
  void want(bool readable, bool writable);

 private:
  struct Handle;
  Handle* handle_;
  bool readable_ = false;
  bool writable_ = false;
};

/// A deadline of its own, for a part of the node that keeps its own time.
class Timer {
 public:
  Timer(EventLoop& loop, std::function<void()> wake);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Calls `wake` once at or after `at`, from the loop and never from here; replaces what was set. base::never
  /// cancels. A time that has passed: at the loop's next turn, after the others have had theirs.
  void set(base::Time at);

 private:
  struct Handle;
  Handle* handle_;
};

}  // namespace zel::io
