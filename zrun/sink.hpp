// Why: zrun's own stdout or stderr may be a terminal, a file, or a pipe nobody reads for a while. Writing
// must lose nothing and must not stop zrun from forwarding a Ctrl-C meanwhile; and the descriptor is shared
// with the shell, so it cannot be made non-blocking.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "base/bytes.hpp"
#include "wire/run.hpp"

namespace zel::zrun {

class Sink {
 public:
  explicit Sink(int fd);

  /// `credits` are handed out by write_ready() when all of `bytes` is written.
  void push(base::Bytes bytes, std::vector<wire::run::OutputCredit> credits);
  /// Whether something waits to be written; then watch fd() for writing.
  bool pending() const { return !queue_.empty(); }
  int fd() const { return fd_; }
  /// Writes as much as goes without waiting; appends the credits that are due. Returns 0, or the error that
  /// makes further writing useless (EPIPE, ENOSPC); what was queued is then dropped.
  int write_ready(std::vector<wire::run::OutputCredit>& credits);

 private:
  struct Item {
    base::Bytes bytes;
    std::vector<wire::run::OutputCredit> credits;
  };

  int fd_;
  bool never_waits_;  // a regular file
  std::deque<Item> queue_;
  std::size_t front_written_ = 0;
};

}  // namespace zel::zrun
