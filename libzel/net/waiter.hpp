// Why: how to wait depends on whether a core is free for whoever we wait for. With a core per rank, looking
// again and again is the fastest; with fewer, each look takes the core from the one that would help, so we
// yield it a few times and then sleep. Both are bounded: a rank that waits long costs nothing.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace zel::net {

struct WaitPolicy {
  base::Duration spin{};   // look without giving the core away
  base::Duration yield{};  // then look and give the core away each time
  /// For `ranks` on `cores`.
  static WaitPolicy for_ranks(int ranks, int cores);
};

/// When a wait must be over.
class Deadline {
 public:
  /// After `limit` from now; negative: never.
  explicit Deadline(base::Duration limit);
  static Deadline none() { return Deadline(base::Duration(-1)); }
  /// What is left, not below 0; negative when there is no limit.
  base::Duration left() const;
  bool over() const { return left().count() == 0; }

 private:
  base::Time at_ = base::never;
};

/// One wait, from its first fruitless look.
class Waiter {
 public:
  explicit Waiter(const WaitPolicy& policy) : policy_(policy) {}

  /// After a fruitless look: true to look again, false to prepare to sleep.
  bool look_again() {
    if (++looks_ < looks_before_clock && policy_.spin.count() > 0) return true;
    return look_again_by_the_clock();
  }
  /// After a sleep.
  void start_again() {
    looks_ = 0;
    started_ = base::Time{};
  }

 private:
  static constexpr unsigned looks_before_clock = 64;
  bool look_again_by_the_clock();

  const WaitPolicy& policy_;
  unsigned looks_ = 0;
  base::Time started_{};
};

}  // namespace zel::net
