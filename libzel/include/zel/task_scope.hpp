// Why: whether a task is still wanted is asked where it runs and decided elsewhere: a scope is the flag
// between the two. Each task has one, that of whoever spawned it or one inside it.
#pragma once

#include <atomic>

namespace zel::detail {

struct TaskScope {
  explicit TaskScope(const TaskScope* around = nullptr, bool of_program = false)
      : outer(around), by_program(of_program) {}

  /// The innermost cancelled scope from this one outwards, or null.
  const TaskScope* cancelled_by() const {
    const TaskScope* scope = this;
    while (scope != nullptr && !scope->cancelled.load(std::memory_order_acquire)) scope = scope->outer;
    return scope;
  }

  const TaskScope* const outer;
  const bool by_program;  // an AbortScope, else the runtime's: a stolen task's, or a computation's
  mutable std::atomic<bool> cancelled{false};
};

}  // namespace zel::detail
