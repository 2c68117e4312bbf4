// Why: every rank knows how it reached others, and the user wants one line for each pair of hosts. The primary knows
// which rank is where, so it adds the ranks' reports up. Pure: reports in, rows out.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "wire/member.hpp"
#include "wire/run.hpp"

namespace zel::job {

class PathTable {
 public:
  using Hosts = std::vector<std::uint32_t>;  // by rank

  /// A rank on `host` is a member: it shares memory with others there.
  void on_joined(std::uint32_t host) { ++joined_[host]; }
  /// One report of a rank counts, the first.
  void on_report(std::uint32_t rank, const wire::member::PathReport& report, const Hosts& host_of);
  wire::run::PathReport rows() const;

 private:
  struct Counts {
    std::uint32_t direct = 0, reverse = 0, meet = 0, nodes = 0;
    void add(const wire::paths::PathLine& line);
    bool none() const { return direct + reverse + meet + nodes == 0; }
  };
  struct Pair {
    wire::run::PathRow row;
    Counts led;       // as the lower rank of a pair of ranks tells it, who decides
    Counts followed;  // as the other does: counts when no lower one told
    std::uint64_t received_by_other = 0;
    std::uint64_t received_by_host = 0;
  };
  void add(std::uint32_t rank, const wire::paths::PathLine& line, const Hosts& host_of);

  std::map<std::uint32_t, std::uint32_t> joined_;  // ranks, by host
  std::set<std::uint32_t> reported_;               // ranks
  std::map<std::pair<std::uint32_t, std::uint32_t>, Pair> pairs_;
  bool more_ = false;
};

}  // namespace zel::job
