#include "daemon/cli/text_table.hpp"

#include <algorithm>
#include <cstdio>

namespace zel::cli {

std::string TextTable::text() const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string duration_text(unsigned long long ms) {
  char text[64];
  if (ms < 10'000) {
    std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(ms) / 1000);
  } else if (ms < 120'000) {
    std::snprintf(text, sizeof text, "%llu s", ms / 1000);
  } else if (ms < 2 * 3'600'000) {
    std::snprintf(text, sizeof text, "%llu min", ms / 60'000);
  } else if (ms < 48ull * 3'600'000) {
    std::snprintf(text, sizeof text, "%llu h %llu min", ms / 3'600'000, ms / 60'000 % 60);
  } else {
    std::snprintf(text, sizeof text, "%llu d %llu h", ms / 86'400'000, ms / 3'600'000 % 24);
  }
  return text;
}

std::string distance_text(double ms) {
  if (ms < 0) return "-";
  char text[32];
  std::snprintf(text, sizeof text, ms < 10 ? "%.2f ms" : "%.0f ms", ms);
  return text;
}

}  // namespace zel::cli
