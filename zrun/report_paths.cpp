// Why: how ranks reached one another, as lines for people.
#include <algorithm>
#include <array>
#include <cstdio>

#include "zrun/report.hpp"

namespace zel::zrun {
namespace {

using wire::run::PathRow;

constexpr std::size_t columns = 10;
using Cells = std::array<std::string, columns>;

std::string with_unit(double number, const char* unit) {
  char text[48];
  std::snprintf(text, sizeof text, number < 10 ? "%.2f %s" : "%.0f %s", number, unit);
  return text;
}

std::string milliseconds(std::uint64_t us) { return us == 0 ? "-" : with_unit(static_cast<double>(us) / 1e3, "ms"); }

std::string seconds(std::uint64_t us) { return us == 0 ? "-" : with_unit(static_cast<double>(us) / 1e6, "s"); }

std::string amount(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  double number = static_cast<double>(bytes) / 1024;
  const char* unit = "KiB";
  for (const char* larger : {"MiB", "GiB", "TiB"}) {
    if (number < 1024) break;
    number /= 1024;
    unit = larger;
  }
  return with_unit(number, unit);
}

std::string mbit(std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0) return "-";
  char text[48];
  const double number = static_cast<double>(bytes_per_second) * 8 / 1e6;
  std::snprintf(text, sizeof text, number < 10 ? "%.1f" : "%.0f", number);
  return text;
}

std::string way_for_people(const PathRow& row) {
  const std::string way = way_of(row);
  if (way == "memory") return "shared memory";
  std::string text = way;
  if (way == "nodes") text = "through nodes";
  if (way == "meet") text = "simultaneous open";
  const std::uint32_t pairs = row.direct + row.reverse + row.meet + row.nodes;
  const std::uint32_t most = std::max({row.direct, row.reverse, row.meet, row.nodes});
  return most == pairs ? text : text + " (" + std::to_string(most) + " of " + std::to_string(pairs) + " pairs)";
}

Cells cells_of(const PathRow& row, const wire::run::Planned& planned) {
  Cells cells{planned.hosts[row.host].name, planned.hosts[row.other].name, way_for_people(row)};
  if (row.host == row.other) {
    std::fill(cells.begin() + 3, cells.end(), "-");
    return cells;
  }
  cells[3] = milliseconds(row.round_trip_us);
  cells[4] = milliseconds(row.nodes_round_trip_us);
  cells[5] = seconds(row.linked_after_us);
  cells[6] = amount(row.to_other_bytes);
  cells[7] = amount(row.to_host_bytes);
  cells[8] = mbit(row.to_other_bytes_per_second);
  cells[9] = mbit(row.to_host_bytes_per_second);
  return cells;
}

/// Of the ways that are better than the one most pairs have.
std::string reasons(const PathRow& row) {
  const std::string way = way_of(row);
  if (way == "memory" || way == "direct") return {};
  std::string text;
  const auto add = [&](const char* what, const std::string& why) {
    if (!why.empty()) text += (text.empty() ? "not " : "; not ") + std::string(what) + ": " + why;
  };
  add("direct", row.not_direct);
  if (way == "reverse") return text;
  add("reverse", row.not_reverse);
  if (way == "meet") return text;
  add("simultaneous open", row.not_met);
  return text.empty() ? "the run was over before another way was found" : text;
}

}  // namespace

std::string way_of(const PathRow& row) {
  if (row.host == row.other) return "memory";
  const std::uint32_t most = std::max({row.direct, row.reverse, row.meet, row.nodes});
  if (row.direct == most) return "direct";
  if (row.reverse == most) return "reverse";
  return row.meet == most ? "meet" : "nodes";
}

std::string paths_table(const wire::run::Planned& planned, const wire::run::PathReport& paths) {
  if (paths.rows.empty()) return "paths: no rank has told of any; ranks that use libzel do when they leave\n";
  std::vector<Cells> lines{
      {"from", "to", "by", "round trip", "through nodes", "linked after", "sent", "received", "Mbit/s out", "Mbit/s in"}};
  for (const auto& row : paths.rows) lines.push_back(cells_of(row, planned));
  std::array<std::size_t, columns> widths{};
  for (const auto& cells : lines) {
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (std::size_t line = 0; line < lines.size(); ++line) {
    for (std::size_t i = 0; i < columns; ++i) {
      text += lines[line][i];
      if (i + 1 < columns) text += std::string(widths[i] - lines[line][i].size() + 2, ' ');
    }
    text += '\n';
    if (line == 0) continue;
    if (const auto why = reasons(paths.rows[line - 1]); !why.empty()) text += std::string(widths[0] + 2, ' ') + why + '\n';
  }
  if (paths.more) text += "and more pairs of hosts than can be shown\n";
  return text;
}

}  // namespace zel::zrun
