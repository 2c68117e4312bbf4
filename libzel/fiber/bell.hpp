// Why: a thread with nothing to do must cost nothing, and be up again as soon as there is something, without
// those who are busy paying for it. Each thread has a bell; a ward counts who sleeps, so that a thread that
// has something to give reads one word to know that nobody wants it.
//
//     sleeper                                   giver
//     bell.lie_down(); look again; sleep()      publish; ward.anybody_asleep()? then bell.ring()
//
// Both sides change the count by a read-modify-write, so one of them sees the other.
#pragma once

#include <atomic>
#include <cstdint>

namespace zel::fiber {

/// How many threads of a team sleep.
class Ward {
 public:
  /// After publishing: whether a thread sleeps that may have missed it.
  bool anybody_asleep() { return asleep_.fetch_add(0, std::memory_order_seq_cst) > 0; }

 private:
  friend class Bell;
  std::atomic<int> asleep_{0};
};

class Bell {
 public:
  explicit Bell(Ward& ward) : ward_(ward) {}

  // The owner:
  /// To be followed by another look, and then sleep() or get_up().
  void lie_down();
  void get_up();
  /// Until rung.
  void sleep();

  // Anybody:
  /// Wakes the owner if it has lain down; tells whether this call did.
  bool ring();

 private:
  Ward& ward_;
  std::atomic<std::uint32_t> lying_{0};
};

}  // namespace zel::fiber
