// Why: what people read in columns.
#pragma once

#include <string>
#include <vector>

namespace zel::cli {

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> titles) : rows_{std::move(titles)} {}
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  /// Columns as wide as they need, two spaces apart, no spaces at the ends of lines.
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// "3 h 5 min", "12 s", "0.3 s".
std::string duration_text(unsigned long long ms);
/// "0.15 ms", "-" when not known (negative).
std::string distance_text(double ms);

}  // namespace zel::cli
