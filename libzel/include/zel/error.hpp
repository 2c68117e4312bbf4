// Why: what can go wrong in a parallel program is mostly that somebody else went away; an Error says who.
#pragma once

#include <stdexcept>
#include <string>

#include "zel/export.hpp"

namespace zel {

enum class Errc {
  usage,           // the call makes no sense: a rank out of range, a task spawned outside compute()
  no_such_member,  // the rank is not, or no longer, a member
  member_lost,     // the peer died or left while the call needed it; `rank()` says who
  node_lost,       // the node that runs this job is gone, or this process's connection to it
  too_large,       // a message is larger than the buffer it was to be received into
  limit_reached,   // a bounded queue is full, or the deadline of a wait has passed
  malformed,       // bytes could not be turned into the type asked for
  task_failed,     // a task threw in another process; the text is its exception's
  system,          // a system call failed; the text says which and how
  group_broken,    // a collective operation failed at another member for a reason of its own; `rank()` says at whose
  aborted,         // the task belongs to an AbortScope that was aborted
};

/// What every call of libzel throws. The text is one line that names what, whom and what to do.
class ZEL_API Error : public std::runtime_error {
 public:
  Error(Errc code, const std::string& text, int rank = -1)
      : std::runtime_error(text), code_(code), rank_(rank) {}
  ~Error() override;

  Errc code() const noexcept { return code_; }
  /// The member it is about, or -1.
  int rank() const noexcept { return rank_; }

 private:
  Errc code_;
  int rank_;
};

}  // namespace zel
