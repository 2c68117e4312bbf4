// Why: how to wait depends on whether a core is free for whoever we wait for. With a core per rank, looking
// again and again is the fastest; with fewer, each look takes the core from the one that would help, so we
// yield it each time. Either is bounded, then we sleep: a rank that waits long costs nothing.
//
// How long to look is learnt. If sleeps turn out short, the other side was just about to answer, and two
// sides that each give up a little before the other answers would go on like that for ever, at the price of
// two wake-ups per message (on a machine busy with other things, some milliseconds). So looking gets longer
// while sleeps are short, and shorter again when they are long.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace zel::net {

/// How long this rank looks before it sleeps.
class Patience {
 public:
  /// For `ranks` on `cores`.
  Patience(int ranks, int cores);

  bool yields() const { return yields_; }
  base::Duration window() const { return window_; }
  /// Learns from a sleep.
  void slept(base::Duration time);

 private:
  bool yields_;
  base::Duration shortest_;
  base::Duration longest_;
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
  explicit Waiter(const Patience& patience) : patience_(patience) {}

  /// After a fruitless look: true to look again, false to prepare to sleep.
  bool look_again() {
    if (++looks_ < looks_before_clock && !patience_.yields()) return true;
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

  const Patience& patience_;
  unsigned looks_ = 0;
  base::Time started_{};
};

}  // namespace zel::net
