// Why: divide and conquer is the shape of program that can use whatever processors there are. A task is a
// plain struct with fields and `run`; it may spawn children and sync on their results; idle ranks steal.
//
//     struct Fib {
//       int n;
//       long run() const {
//         if (n < 2) return n;
//         zel::Spawned<Fib> left(Fib{n - 1});   // may be taken by another rank
//         const long right = Fib{n - 2}.run();  // done here meanwhile
//         return left.sync() + right;
//       }
//     };
//     int main() {
//       zel::Job job;
//       const long result = zel::compute(job, Fib{32});  // every rank gets the result
//       if (job.rank() == 0) std::printf("%ld\n", result);
//     }
//
// Nothing is packed until a task leaves its process. A task that was stolen by a rank that dies is done
// again here, and its result counts once. Spawned children are synced in the reverse order of their
// spawning (a Spawned is a local variable, so the language sees to it); TaskGroup does it for many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "zel/error.hpp"
#include "zel/export.hpp"
#include "zel/job.hpp"
#include "zel/pack.hpp"
#include "zel/task_abort.hpp"
#include "zel/task_check.hpp"
#include "zel/task_children.hpp"
#include "zel/task_frame.hpp"
#include "zel/task_worker.hpp"

namespace zel {

/// One rank's share of a compute().
struct WorkerReport {
  int rank = 0;
  std::uint64_t tasks = 0;   // spawned tasks that were run here
  std::uint64_t stolen = 0;  // of these, taken from another rank
  std::uint64_t steal_attempts = 0;
  std::uint64_t redone = 0;  // run again here because their thief died
  int threads = 1;             // that worked
  double busy_seconds = 0;   // processor time inside tasks, of all threads
  double wall_seconds = 0;   // from the start of compute() to its end
};
/// What a compute() cost. Complete at the rank that ran the root, empty elsewhere.
struct ZEL_API ComputeReport {
  std::vector<WorkerReport> workers;
  /// Useful work over threads × wall time: Σ busy / Σ (threads × wall). With more threads than cores it is at most
  /// cores / threads, since busy is processor time.
  double efficiency() const;
};

namespace detail {
/// Settles the root's frame at every rank.
ZEL_API void run_compute(Job& job, TaskFrame& root, ComputeReport* report);
}  // namespace detail

/// How many spawned tasks of this thread nobody has taken yet. 0 outside a compute().
inline std::size_t tasks_in_stock() {
  const detail::TaskWorker* const worker = detail::current_worker;
  return worker == nullptr ? 0 : worker->in_stock();
}
/// A cut-off for trees whose subtrees of a depth are about alike: whoever is idle finds something to steal here, so
/// one more task is of no use. Of a tree that is deep and thin its longest branch may lie below the cut.
inline bool enough_spawned(std::size_t enough = 32) { return tasks_in_stock() >= enough; }

/// As task.run(), for a recursion that may be deep: goes on on another stack when this one is used up, as
/// sync() does. Throws what the task throws.
template <class T>
ResultOf<T> run_here(const T& task) {
  detail::TaskWorker* const worker = detail::current_worker;
  if (worker == nullptr || !worker->stack_is_low()) [[likely]]
    return task.run();
  detail::TypedFrame<T> frame(task);
  worker->run_apart(frame);
  return frame.take();
}

/// A child task that has been offered to whoever is idle. A local variable of the parent's run(): it cannot
/// be copied or moved, and must not outlive the function that made it.
///     zel::Spawned<Fib> left(Fib{n - 1}, n > 20);  // with a cut-off: small ones are not worth a spawn
template <class T>
class Spawned {
  static_assert(sizeof(detail::CheckedTask<T>) > 0);

 public:
  /// Offers the task, unless it is not worth it: then sync() calls it. Throws Error: usage when called outside a
  /// compute(); member_lost when nobody waits for the task that is spawning any more, because the rank it was
  /// stolen from is gone; aborted (see task_abort.hpp).
  explicit Spawned(T task, bool worth_it = true) : frame_(std::move(task)) {
    if (worth_it) detail::spawn_frame(frame_);
  }
  /// Waits for the child if it was offered and not synced; its result is dropped.
  ~Spawned() {
    const auto state = frame_.state.load(std::memory_order_relaxed);
    if (state != detail::FrameState::taken && state != detail::FrameState::fresh) [[unlikely]]
      detail::finish_frame(frame_);
  }
  Spawned(const Spawned&) = delete;
  Spawned& operator=(const Spawned&) = delete;

  /// The child's result: runs it here if nobody took it, else works on other tasks until it comes. Once per
  /// child. Throws what the child threw (as Error task_failed with its text, if it ran in another process).
  ResultOf<T> sync() {
    detail::TaskWorker* const worker = detail::current_worker;
    if (worker != nullptr && worker->take_back(frame_)) [[likely]]
      return frame_.task.run();
    const auto state = frame_.state.load(std::memory_order_relaxed);
    if (state == detail::FrameState::taken) detail::throw_synced_twice();
    if (state == detail::FrameState::fresh) {
      frame_.state.store(detail::FrameState::taken, std::memory_order_relaxed);
      return run_here(frame_.task);
    }
    detail::finish_frame(frame_);
    return frame_.take();
  }

 private:
  detail::TypedFrame<T> frame_;
};

/// Any number of children of one type.
///     zel::TaskGroup<Count> group;
///     for (const Move& move : moves) group.spawn(Count{play(board, move)});
///     for (const Tally& tally : group.sync()) total += tally;
template <class T>
class TaskGroup {
  static_assert(sizeof(detail::CheckedTask<T>) > 0);

 public:
  TaskGroup() = default;
  /// Waits for all children that were not synced.
  ~TaskGroup() { settle(); }
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Throws as Spawned does.
  void spawn(T task) {
    auto& frame = children_.emplace_back(std::move(task));
    try {
      detail::spawn_frame(frame);
    } catch (...) {
      children_.pop_back();
      throw;
    }
  }
  /// All results, in the order of spawning; the group is then empty and may be used again. Throws what the
  /// first child that failed threw, after all ended.
  std::vector<ResultOf<T>> sync() {
    return collect<ResultOf<T>>([](std::vector<ResultOf<T>>&, const std::exception_ptr&) { return false; });
  }
  /// The same, with nothing for a child that ended with Error: aborted (see task_abort.hpp).
  std::vector<std::optional<ResultOf<T>>> sync_finished() {
    return collect<std::optional<ResultOf<T>>>([](auto& results, const std::exception_ptr& failure) {
      if (!detail::is_aborted(failure)) return false;
      results.emplace_back();
      return true;
    });
  }

 private:
  /// `excuse` may put something in the place of a failure.
  template <class Item, class Excuse>
  std::vector<Item> collect(const Excuse& excuse) {
    settle();
    std::vector<Item> results;
    std::exception_ptr failure;
    results.reserve(children_.size());
    for (std::size_t i = 0; i < children_.size() && !failure; ++i) {
      if (!children_[i].error)
        results.push_back(children_[i].take());
      else if (!excuse(results, children_[i].error))
        failure = children_[i].error;
    }
    children_.clear();
    if (failure) std::rethrow_exception(failure);
    return results;
  }
  void settle() {
    for (std::size_t i = children_.size(); i-- > 0;) {
      detail::TaskWorker* const worker = detail::current_worker;
      if (worker != nullptr && worker->take_back(children_[i])) [[likely]]
        children_[i].state.store(children_[i].run(), std::memory_order_relaxed);
      else
        detail::finish_frame(children_[i]);
    }
  }

  detail::StableList<detail::TypedFrame<T>> children_;
};

/// Runs `root` and all it spawns on every rank of the job, and gives every rank the result. Collective: each
/// rank calls it with the same task (only rank 0's is run). A rank works with as many threads as it has cores
/// (zrun --cores-per-rank, or the environment variable ZEL_THREADS); those with nothing to do sleep. Throws what
/// the root threw, at every rank; Error member_lost when rank 0 is lost; usage when called inside a task.
template <class T>
ResultOf<T> compute(Job& job, const T& root, ComputeReport* report = nullptr) {
  detail::TypedFrame<T> frame(root);
  detail::run_compute(job, frame, report);
  return frame.take();
}

}  // namespace zel
