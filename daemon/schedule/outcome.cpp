#include "daemon/schedule/outcome.hpp"

#include <cstdio>

namespace zel::schedule {

namespace {

std::string count_of(std::uint64_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string number(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string how_far(wire::schedule::Metric metric, const Ring& ring) {
  switch (metric) {
    case wire::schedule::Metric::latency:
      return ring.widest ? "any distance"
                         : "radius " + number("%.3g", base::seconds(ring.radius) * 1e3) + " ms";
    case wire::schedule::Metric::hops: return count_of(ring.hops, "hop");
    case wire::schedule::Metric::neighbours: return "neighbours only";
  }
  return {};
}

}  // namespace

std::string count_of_cores(std::uint64_t cores) { return count_of(cores, "core"); }

std::string summary_text(std::uint32_t rounds, std::size_t answered, wire::schedule::Metric metric,
                         const Ring& ring, base::Duration took) {
  return count_of(rounds, "round") + ", " + count_of(answered, "node") + " answered, " +
         how_far(metric, ring) + ", " + number("%.2f", base::seconds(took)) + " s";
}

std::string failure_text(const Wanted& wanted, std::uint64_t ranks_found, std::size_t answered,
                         const std::string& reason, base::Duration took) {
  std::string text = std::to_string(ranks_found * wanted.cores_per_rank) + " of " +
                     count_of_cores(std::uint64_t{wanted.ranks} * wanted.cores_per_rank) +
                     " found: " + count_of(answered, "node") + " answered within " +
                     number("%.3g", base::seconds(took)) + " s";
  if (ranks_found == 0 && !reason.empty()) text += "; why not (" + reason + ")";
  text += "; start more nodes, ask for fewer ranks";
  if (wanted.requirements != wire::schedule::Requirements{}) text += ", ask for less of each node";
  if (!wanted.oversubscribe) text += ", or share cores with --oversubscribe";
  return text;
}

}  // namespace zel::schedule
