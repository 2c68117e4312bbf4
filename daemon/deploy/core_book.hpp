// Why: a node runs several jobs at a time, and two ranks bound to one core are each half as fast. The book
// says which cores are taken, so that a plan sees only the others.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "daemon/deploy/topology.hpp"
#include "wire/job.hpp"

namespace zel::deploy {

class CoreBook {
 public:
  explicit CoreBook(Topology topology) : topology_(std::move(topology)) {}

  const Topology& all() const { return topology_; }
  /// Of all, the cores that no job is bound to.
  Topology free() const;
  std::uint32_t cores() const;

  /// This job's ranks are bound to these processors, and so to their cores.
  void take(const wire::job::JobId& job, const std::vector<wire::run::RankPlan>& ranks);
  void release(const wire::job::JobId& job) { taken_.erase(job); }

 private:
  using Core = std::pair<std::uint32_t, std::uint32_t>;  // package, core

  Topology topology_;
  std::map<wire::job::JobId, std::set<Core>> taken_;
};

}  // namespace zel::deploy
