// Why: how to wait depends on whether a core is free for whoever we wait for. With a core per rank, looking
// again and again is the fastest; with fewer, each look takes the core from the one that would help, so we
// yield it each time. Either is bounded, then we sleep: a rank that waits long costs nothing.
//
// How long is learnt, because a machine may be busy with other things:
//  * If sleeps turn out short, the other side was just about to answer, and two sides that each give up a
//    little too early go on like that for ever, with two wake-ups per message. So the time before a sleep
//    grows while sleeps are short, and shrinks when they are long.
//  * If answers come when we yield and not while we spin, the other side was put on our very core. So the
//    time before the first yield shrinks then, and grows when answers come while we spin.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace zel::net {

/// How long this rank looks before it sleeps.
class Patience {
 public:
  /// For `ranks` on `cores`.
  Patience(int ranks, int cores);

  /// Look without yielding for so long, 0 when there are too few cores; then with yielding until `window`.
  base::Duration spin() const { return spin_; }
  base::Duration window() const { return window_; }
  // Learn from a wait.
  void answered_while_spinning();
  void answered_after_yield();
  void slept(base::Duration time);

 private:
  base::Duration longest_spin_;
  base::Duration spin_;
  base::Duration shortest_window_;
  base::Duration longest_window_;
  base::Duration window_;
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
  explicit Waiter(Patience& patience) : patience_(patience) {}

  /// After a fruitless look: true to look again, false to prepare to sleep.
  bool look_again() {
    if (++looks_ < looks_before_clock && patience_.spin().count() > 0) return true;
    return look_again_by_the_clock();
  }
  /// After a sleep.
  void slept(base::Duration time);
  /// After a fruitful look.
  void answered() {
    if (looks_ >= looks_before_clock) learn();
  }

 private:
  static constexpr unsigned looks_before_clock = 64;
  bool look_again_by_the_clock();
  void learn();

  Patience& patience_;
  unsigned looks_ = 0;
  bool yielded_ = false;
  base::Time started_{};
};

}  // namespace zel::net
