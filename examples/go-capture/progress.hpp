// Why: a count that runs for hours should show that it lives, but only to a person who is looking.
#pragma once

#include <chrono>
#include <cstdint>

namespace capture {

/// One line on the terminal, rewritten a few times a second. Silent until enabled.
class Progress {
 public:
  /// The one that this process's tasks report to.
  static Progress& of_process();

  /// Writes to standard error from now on, if that is a terminal.
  void enable();
  /// So many more nodes have been visited by this process.
  void add(std::uint64_t nodes);
  /// Erases the line, and stays silent.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  bool enabled_ = false;
  bool shown_ = false;
  std::uint64_t nodes_ = 0;
  Clock::time_point started_;
  Clock::time_point next_;
};

}  // namespace capture
