// Why: a Job is this process's place in the job it was started in. Making one joins, destroying it leaves.
//
//     int main() {
//       zel::Job job;
//       std::printf("rank %d of %d\n", job.rank(), job.size());
//       job.messages().barrier();
//     }
//
// Started by `zrun -n 4 ./a.out` the process is one of four ranks; started as `./a.out` it runs alone, as
// rank 0 of 1, with everything working. While all ranks are on one host
// no network connection is opened and no network library loaded.
#pragma once

#include <memory>
#include <string>

#include "zel/error.hpp"
#include "zel/export.hpp"
#include "zel/membership.hpp"
#include "zel/messages.hpp"

namespace zel {

namespace detail {
class JobState;
}

/// One per process at a time; a child made by fork() must not use its parent's. Not copyable, not movable; use it from one thread, except where a member says
/// otherwise.
class ZEL_API Job {
 public:
  /// Joins the job: tells the node, receives the membership log so far, maps the shared memory of this host.
  /// Returns at once; it does not wait for the other ranks (see Membership::wait_closed).
  /// Throws Error: usage (this process already has a Job, or had one and left), node_lost, system.
  Job();
  /// Leaves in order: the others see `left`. Messages already sent are still delivered. Never throws.
  ~Job();
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  /// This member's number, 0 … size()-1. It does not change.
  int rank() const;
  /// How many ranks the job was started with.
  int size() const;
  /// This member's number among the ranks of this host, and how many they are.
  int local_rank() const;
  int local_size() const;
  /// Cores of this host that the job's ranks here may use, together. At least 1.
  int cores() const;
  /// The host's name, for people.
  const std::string& node() const;
  /// The job's name, the same at every rank, unlike any other job's. "alone" without zrun.
  const std::string& id() const;

  /// Who is here: the log of members that joined, left, died or were elected.
  Membership& membership();
  /// Messages between the members.
  Messages& messages();

  /// For libzel's own parts.
  detail::JobState& state();

 private:
  std::unique_ptr<detail::JobState> state_;
};

}  // namespace zel
