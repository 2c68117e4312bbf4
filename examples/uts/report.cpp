// Why: see report.hpp.
#include "report.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace uts {
namespace {

constexpr double least_seconds_for_a_rate = 0.001;

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string geometric_text(const Tree& tree) {
  return std::string(name_of(tree.shape)) + format(", depth %u, branching %g", tree.depth, tree.branching);
}
std::string binomial_text(const Tree& tree) {
  return format("%u children with probability %g", tree.inner_children, tree.inner_probability);
}

std::string tree_text(const Tree& tree) {
  std::string text(name_of(tree.kind));
  switch (tree.kind) {
    case Kind::binomial: text += format(": root %g, ", tree.branching) + binomial_text(tree); break;
    case Kind::geometric: text += ": " + geometric_text(tree); break;
    case Kind::hybrid: text += ": " + geometric_text(tree) + ", then " + binomial_text(tree); break;
    case Kind::balanced: text += format(": depth %u, branching %g", tree.depth, tree.branching); break;
  }
  return text + format(", seed %u", tree.seed);
}

}  // namespace

std::string text_report(const Result& result) {
  const auto& [nodes, leaves, depth] = result.tally;
  std::string text = "Unbalanced tree, " + tree_text(result.tree) + "\n\n";
  text += grouped(nodes) + " nodes, depth " + grouped(depth) + ", " + grouped(leaves) + " leaves";
  text += format(" (%.2f %%)\n%.3f s", 100.0 * static_cast<double>(leaves) / static_cast<double>(nodes),
                 result.seconds);
  if (result.seconds >= least_seconds_for_a_rate) {
    text += format(", %.2f million nodes/s", static_cast<double>(nodes) / result.seconds / 1e6);
  }
  if (result.sequential) return text + ", one plain walk\n";
  return text + format(", %d %s, efficiency %.1f %%\n", result.workers,
                       result.workers == 1 ? "worker" : "workers", 100 * result.efficiency);
}

std::string json_report(const Result& result) {
  const nlohmann::ordered_json object = {
      {"tree", tree_text(result.tree)}, {"nodes", result.tally.nodes},
      {"depth", result.tally.depth},    {"leaves", result.tally.leaves},
      {"seconds", result.seconds},      {"mode", result.sequential ? "sequential" : "tasks"},
      {"workers", result.workers},      {"efficiency", result.efficiency},
  };
  return object.dump() + "\n";
}

}  // namespace uts
