#include "daemon/job/rank_environment.hpp"

#include <algorithm>
#include <string_view>

namespace zel::job {

namespace {

bool belongs_to_a_launcher(std::string_view assignment) {
  for (const std::string_view prefix : {"ZEL_RANK=", "ZEL_SIZE=", "ZEL_LOCAL_RANK=", "ZEL_LOCAL_SIZE=", "ZEL_NODE=",
                                        "ZEL_JOB=", "ZEL_MEMBER_FD=", "PMI_", "PMIX_"}) {
    if (assignment.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

RankEnvironment::RankEnvironment(const std::vector<std::string>& users, const std::string& node,
                                 const std::string& job, std::uint32_t size, std::uint32_t local_size,
                                 std::uint32_t threads_per_rank) {
  bool has_threads = false;
  for (const auto& assignment : users) {
    if (belongs_to_a_launcher(assignment)) continue;
    has_threads = has_threads || assignment.starts_with("OMP_NUM_THREADS=");
    common_.push_back(assignment);
  }
  if (!has_threads) common_.push_back("OMP_NUM_THREADS=" + std::to_string(threads_per_rank));
  common_.push_back("ZEL_SIZE=" + std::to_string(size));
  common_.push_back("ZEL_LOCAL_SIZE=" + std::to_string(local_size));
  common_.push_back("ZEL_NODE=" + node);
  common_.push_back("ZEL_JOB=" + job);
}

std::vector<std::string> RankEnvironment::of(std::uint32_t rank, std::uint32_t local_rank) const {
  return {"ZEL_RANK=" + std::to_string(rank), "ZEL_LOCAL_RANK=" + std::to_string(local_rank)};
}

}  // namespace zel::job
