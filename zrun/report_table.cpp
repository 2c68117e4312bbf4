// Why: the table for people, apart from the JSON library that the report for programs needs.
#include <algorithm>
#include <cstddef>

#include "zrun/report.hpp"

namespace zel::zrun {
namespace {

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + ' ' + what + (number == 1 ? "" : "s");
}

/// "0-3,8": `cpus` is sorted.
std::string ranges(const std::vector<std::uint32_t>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[i]);
    if (last > i) text += '-' + std::to_string(cpus[last]);
    i = last + 1;
  }
  return text.empty() ? "-" : text;
}

std::string left(const std::string& text, std::size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string right(const std::string& text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

}  // namespace

std::string bindings_table(const wire::run::Planned& planned) {
  const std::string rank_title = "rank", cpus_title = "cpus";
  std::vector<std::string> cpus;
  std::size_t width = cpus_title.size();
  for (const auto& rank : planned.ranks) {
    cpus.push_back(ranges(rank.cpus));
    width = std::max(width, cpus.back().size());
  }
  std::string text = counted(planned.ranks.size(), "rank") + " on " + planned.node + ": " +
                     counted(planned.hosts.front().cores, "core") + ", " + counted(planned.hosts.front().hwthreads, "hwthread") +
                     ", OMP_NUM_THREADS " + std::to_string(planned.hosts.front().threads_per_rank) + '\n';
  text += rank_title + "  " + left(cpus_title, width) + "  where\n";
  for (std::size_t r = 0; r < cpus.size(); ++r) {
    text += right(std::to_string(r), rank_title.size()) + "  " + left(cpus[r], width) + "  " +
            planned.ranks[r].where + '\n';
  }
  return text;
}

}  // namespace zel::zrun
