// Why: the threads of one rank inside one compute(), as far as they know of one another.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include "libzel/fiber/bell.hpp"
#include "zel/task_scope.hpp"

namespace zel::detail {
class TaskFrame;
}

namespace zel::task {

class ThreadWorker;

class Team {
 public:
  Team() = default;
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  /// Before any thread runs.
  void add(ThreadWorker& worker) { workers_.push_back(&worker); }
  std::size_t size() const { return workers_.size(); }

  /// The oldest task that somebody offers, looked for from a random one on; null if there is none.
  detail::TaskFrame* steal(const ThreadWorker& thief, std::size_t start);
  bool anything_to_steal(const ThreadWorker& thief) const;
  /// All others are to offer more.
  void ask_others(const ThreadWorker& asking);
  /// All are to look at their scopes.
  void tell_all();
  /// That which speaks with other ranks, the first, is to look up.
  void ask_first();
  /// Something was offered.
  void wake_one_if_asleep();
  /// A thread has nothing to do, or has again.
  void count_hungry(int change) { hungry_.fetch_add(change, std::memory_order_relaxed); }
  /// How many tasks each thread with more should have in stock.
  std::size_t wanted() const {
    return static_cast<std::size_t>(std::max(1, hungry_.load(std::memory_order_relaxed)));
  }

  /// No more work will come.
  void stop();
  bool stopped() const { return stopped_.load(std::memory_order_seq_cst); }

  fiber::Ward& ward() { return ward_; }
  detail::TaskScope& outermost() { return outermost_; }

 private:
  std::vector<ThreadWorker*> workers_;
  fiber::Ward ward_;
  detail::TaskScope outermost_;
  std::atomic<int> hungry_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace zel::task
