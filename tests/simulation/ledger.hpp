// Why: whether a core was claimed twice must not be asked of the engine that would have done it. This is the
// checkers' own book of who uses what; hosts write into it when a job starts and ends there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/world.hpp"

namespace zel::simulation {

class Ledger {
 public:
  explicit Ledger(std::size_t nodes) : used_(nodes) {}

  void take(NodeIndex host, std::uint32_t total, std::uint64_t lease, std::uint32_t cores) {
    if (!taken_.emplace(std::pair{host, lease}, cores).second) {
      throw Violation("n" + std::to_string(host) + ": lease " + std::to_string(lease) + " is used by two jobs");
    }
    used_[host] += cores;
    if (used_[host] > total) {
      throw Violation("n" + std::to_string(host) + ": " + std::to_string(used_[host]) + " cores used of " +
                      std::to_string(total));
    }
  }
  bool holds(NodeIndex host, std::uint64_t lease) const { return taken_.contains({host, lease}); }
  void give_back(NodeIndex host, std::uint64_t lease) {
    const auto taken = taken_.find({host, lease});
    if (taken == taken_.end()) return;
    used_[host] -= taken->second;
    taken_.erase(taken);
  }
  void forget(NodeIndex host) {
    taken_.erase(taken_.lower_bound({host, 0}), taken_.lower_bound({host + 1, 0}));
    used_[host] = 0;
  }
  std::uint32_t used(NodeIndex host) const { return used_[host]; }
  std::size_t size() const { return taken_.size(); }

 private:
  std::map<std::pair<NodeIndex, std::uint64_t>, std::uint32_t> taken_;
  std::vector<std::uint32_t> used_;
};

}  // namespace zel::simulation
