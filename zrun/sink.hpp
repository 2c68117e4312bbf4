// Why: zrun's own stdout or stderr may be a terminal, a file, or a pipe nobody reads for a while. Writing
// must lose nothing and must not stop zrun from forwarding a Ctrl-C meanwhile; and the descriptor is shared
// with the shell, so it cannot be made non-blocking.
#pragma once

#include <cstddef>
#include <deque>

#include "base/bytes.hpp"

namespace zel::zrun {

class Sink {
 public:
  explicit Sink(int fd);

  void push(base::Bytes bytes);
  /// Whether something waits to be written; then watch fd() for writing.
  bool pending() const { return !queue_.empty(); }
  int fd() const { return fd_; }
  /// Writes as much as goes without waiting, given that the descriptor is ready. False when nobody reads it
  /// any more (EPIPE): what was queued is dropped.
  bool write_ready();

 private:
  int fd_;
  bool any_size_;  // a regular file never makes a writer wait
  std::deque<base::Bytes> queue_;
  std::size_t front_written_ = 0;
};

}  // namespace zel::zrun
