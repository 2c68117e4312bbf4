// Why: see progress.hpp.
#include "progress.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "report.hpp"

namespace capture {

namespace {

constexpr std::chrono::milliseconds interval{200};

}  // namespace

Progress& Progress::of_process() {
  static Progress progress;
  return progress;
}

void Progress::enable() {
  // Under zrun a rank's stderr is a pipe; zrun says when a terminal is at its end.
  enabled_ = isatty(STDERR_FILENO) != 0 || std::getenv("ZEL_STDERR_IS_TERMINAL") != nullptr;
  started_ = Clock::now();
  next_ = started_ + interval;
}

void Progress::add(std::uint64_t nodes) {
  if (!enabled_) return;
  nodes_ += nodes;
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + interval;
  shown_ = true;
  std::fprintf(stderr, "\r\033[Kgo-capture: rank 0 has visited %s nodes in %.0f s", grouped(nodes_).c_str(),
               std::chrono::duration<double>(now - started_).count());
}

void Progress::finish() {
  if (shown_) std::fputs("\r\033[K", stderr);
  enabled_ = shown_ = false;
}

}  // namespace capture
