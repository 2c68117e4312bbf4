// Why: a search that has found what it looked for must stop the branches that were begun in the meantime.
//
//     zel::AbortScope scope;                 // before the children
//     zel::TaskGroup<Try> tries;
//     for (const Move& move : moves) tries.spawn(Try{play(board, move)});
//     for (const auto& result : tries.sync_finished()) ...     // Try calls zel::abort_siblings() when it wins
//
// What was not begun is dropped. What runs ends at its next spawn with Error: aborted, and may ask
// zel::aborted() in a long loop. A result that is there is not taken away.
#pragma once

#include <exception>

#include "zel/export.hpp"
#include "zel/task_scope.hpp"

namespace zel {

/// A local variable of run(), made before the Spawned and TaskGroups that are to belong to it: what is
/// spawned while it lives does, and what those spawn. Scopes nest. Used by the task that made it.
class ZEL_API AbortScope {
 public:
  /// Throws Error: usage outside a compute().
  AbortScope();
  ~AbortScope();
  AbortScope(const AbortScope&) = delete;
  AbortScope& operator=(const AbortScope&) = delete;

  /// May be called again. Spawning into the scope throws Error: aborted from now on.
  void abort();
  bool aborted() const { return scope_.cancelled.load(std::memory_order_acquire); }

 private:
  detail::TaskScope scope_;
};

/// Whether nobody wants the result of the running task any more. False outside a task. Asked in a long loop it also
/// lets this rank hear and answer others, as a spawn does: what they share, and who wants to steal.
ZEL_API bool aborted();

/// Aborts the innermost AbortScope that the running task was spawned in, itself included. Of a task that was
/// stolen by another rank the scope is out of reach and nothing happens: the parent sees its result later.
ZEL_API void abort_siblings();

namespace detail {
/// Whether it is an Error: aborted.
ZEL_API bool is_aborted(const std::exception_ptr& failure);
}  // namespace detail

}  // namespace zel
