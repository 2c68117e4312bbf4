#include "daemon/deploy/core_book.hpp"

namespace zel::deploy {

Topology CoreBook::free() const {
  Topology left = topology_;
  for (const auto& entry : taken_) {
    std::erase_if(left.hwthreads, [&](const HardwareThread& t) { return entry.second.contains({t.package, t.core}); });
  }
  return left;
}

std::uint32_t CoreBook::cores() const {
  std::set<Core> cores;
  for (const HardwareThread& t : topology_.hwthreads) cores.insert({t.package, t.core});
  return static_cast<std::uint32_t>(cores.size());
}

void CoreBook::take(const wire::job::JobId& job, const std::vector<wire::run::RankPlan>& ranks) {
  std::set<std::uint32_t> cpus;
  for (const auto& rank : ranks) cpus.insert(rank.cpus.begin(), rank.cpus.end());
  auto& cores = taken_[job];
  for (const HardwareThread& t : topology_.hwthreads) {
    if (cpus.contains(t.cpu)) cores.insert({t.package, t.core});
  }
}

}  // namespace zel::deploy
