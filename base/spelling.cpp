#include "base/spelling.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace zel::base {

namespace {

std::string_view without_dashes(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word;
}

/// How many letters to insert, drop or replace to make one of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string_view name = without_dashes(word);
  std::string best;
  std::size_t best_distance = name.size() / 3 + 2;
  for (const std::string& each : candidates) {
    const std::string_view candidate = without_dashes(each);
    if (candidate.size() < 2) continue;
    std::size_t d = distance(name, candidate);
    if (d > std::min(name.size(), candidate.size()) / 3 + 1) d = name.size() + candidate.size();
    if (name.size() >= 2 && candidate.starts_with(name)) d = 0;
    if (d < best_distance) {
      best_distance = d;
      best = each;
    }
  }
  return best;
}

}  // namespace zel::base
