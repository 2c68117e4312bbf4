// Why: the table for people, apart from the JSON library that the report for programs needs.
#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "zrun/report.hpp"

namespace zel::zrun {
namespace {

constexpr std::size_t short_id = 10;

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

std::string distance(double ms) {
  char text[32];
  std::snprintf(text, sizeof text, ms < 10 ? "%.2f ms" : "%.0f ms", ms);
  return text;
}

/// Which host: its name is enough when it is the only one.
std::string host_line(const wire::run::HostPlan& host, std::size_t ranks, bool only_one) {
  std::string text = counted(ranks, "rank") + " on " + host.name;
  if (!only_one) text += " (" + host.id.substr(0, short_id) + ", " + distance(host.distance_ms) + ")";
  return text + ": " + counted(host.cores, "core") + ", " + counted(host.hwthreads, "hwthread") + ", OMP_NUM_THREADS " +
         std::to_string(host.threads_per_rank) + '\n';
}

constexpr const char* rank_title = "rank";
constexpr std::size_t rank_width = 4;

}  // namespace

std::string bindings_table(const wire::run::Planned& planned) {
  const std::string cpus_title = "cpus";
  std::vector<std::string> cpus;
  std::size_t width = cpus_title.size();
  for (const auto& rank : planned.ranks) {
    cpus.push_back(ranges(rank.cpus));
    width = std::max(width, cpus.back().size());
  }
  const bool only_one = planned.hosts.size() == 1;
  std::string text;
  if (!only_one) text = counted(cpus.size(), "rank") + " on " + counted(planned.hosts.size(), "host") + '\n';
  for (std::size_t h = 0; h < planned.hosts.size(); ++h) {
    std::string lines;
    std::size_t here = 0;
    for (std::size_t r = 0; r < cpus.size(); ++r) {
      if (planned.ranks[r].host != h) continue;
      ++here;
      lines += right(std::to_string(r), rank_width) + "  " + left(cpus[r], width) + "  " + planned.ranks[r].where + '\n';
    }
    text += host_line(planned.hosts[h], here, only_one);
    text += std::string(rank_title) + "  " + left(cpus_title, width) + "  where\n" + lines;
  }
  return text;
}

std::string explained_table(const wire::run::Explained& explained) {
  const std::string cores_title = "cores";
  std::size_t names = 4, ids = 2, distances = 8;
  for (const auto& node : explained.nodes) {
    names = std::max(names, node.name.size());
    ids = std::max(ids, std::min(node.id.size(), short_id));
    distances = std::max(distances, distance(node.distance_ms).size());
  }
  std::string text = left("node", names) + "  " + left("id", ids) + "  " + right("distance", distances) + "  " + cores_title + "  why\n";
  for (const auto& node : explained.nodes) {
    const std::string taken = node.cores_taken == 0 ? "-" : std::to_string(node.cores_taken);
    text += left(node.name, names) + "  " + left(node.id.substr(0, short_id), ids) + "  " +
            right(distance(node.distance_ms), distances) + "  " + right(taken, cores_title.size()) + "  " + node.reason + '\n';
  }
  return text + explained.summary + '\n';
}

}  // namespace zel::zrun
