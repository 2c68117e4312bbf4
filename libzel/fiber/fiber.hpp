// Why: a task that waits must let its thread do something else, and go on later where it was: it has a stack
// of its own. A thread switches between its own stack and those of its fibres; a fibre never changes its
// thread, so thread_local means in a task what it means everywhere.
//
// All that a compiler, a debugger or a sanitizer believes of "the" stack is put right in fiber.cpp: the
// exceptions that are being handled, and what ASan and TSan must be told at each switch.
#pragma once

#include <cstddef>

#include "libzel/fiber/stack_pool.hpp"

namespace zel::fiber {

/// One stack's place to go on at, and what belongs to it while it does not run.
struct Context {
  void* place = nullptr;               // Boost's
  void* handled_exceptions = nullptr;  // the C++ runtime's, two fields per thread
  unsigned int uncaught_exceptions = 0;
  void* asan_fake_stack = nullptr;
  const void* asan_bottom = nullptr;
  std::size_t asan_bytes = 0;
  void* tsan_fiber = nullptr;
};

/// A function on a stack of its own. Used by one thread, that which resumes it.
class Fiber {
 public:
  using Entry = void (*)(Fiber& self, void* argument) noexcept;

  /// `entry` runs at the first resume(). The stack stays the caller's.
  Fiber(const Stack& stack, Entry entry, void* argument);
  /// It has ended, or never began.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// From the thread's own stack: runs the fibre until it suspends or ends.
  void resume();
  /// From inside: back to who resumed it.
  void suspend();
  bool ended() const { return ended_; }
  const Stack& stack() const { return stack_; }

 private:
  struct Trampoline;
  void leave(bool for_ever);

  const Stack stack_;
  const Entry entry_;
  void* const argument_;
  bool ended_ = false;
  Context own_;
  Context resumer_;
};

}  // namespace zel::fiber
