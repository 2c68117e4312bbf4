// Why: what a rank finds in its environment is part of zel's interface, so it stands in one place.
//
//     ZEL_RANK  ZEL_SIZE  ZEL_LOCAL_RANK  ZEL_LOCAL_SIZE  ZEL_NODE  ZEL_JOB
//     ZEL_STDERR_IS_TERMINAL=1 from zrun, when a person watches what the ranks write to their stderr pipe
//     OMP_NUM_THREADS, from the binding, if the user has not set it
//
// What an outer launcher left (the names above, PMI_*, PMIX_*) is taken out: an MPI library that finds it would try
// to talk to the wrong launcher.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace zel::job {

class RankEnvironment {
 public:
  RankEnvironment(const std::vector<std::string>& users, const std::string& node, const std::string& job,
                  std::uint32_t size, std::uint32_t local_size, std::uint32_t threads_per_rank);

  /// NAME=value, the same for every rank.
  const std::vector<std::string>& common() const { return common_; }
  /// NAME=value, what this rank has besides.
  std::vector<std::string> of(std::uint32_t rank, std::uint32_t local_rank) const;

 private:
  std::vector<std::string> common_;
};

}  // namespace zel::job
