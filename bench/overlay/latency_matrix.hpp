// Why: measured round-trip times of real networks, one row a line, are what coordinates are judged by.
#pragma once

#include <algorithm>
#include <cmath>
#include <istream>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/overlay/coordinates.hpp"

namespace zel::bench {

using Matrix = std::vector<std::vector<double>>;

/// Milliseconds, separated by blanks, into seconds; empty when it is no square matrix of positive numbers.
inline Matrix read_matrix_ms(std::istream& in) {
  Matrix matrix;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::vector<double> row;
    for (double ms = 0; fields >> ms;) row.push_back(ms / 1e3);
    if (!row.empty()) matrix.push_back(std::move(row));
  }
  for (const auto& row : matrix) {
    if (row.size() != matrix.size()) return {};
  }
  return matrix;
}

struct RelativeError {
  double median = 0, p90 = 0;
};

/// Every node measures one random other at each round; its samples are as many as there were rounds.
class CoordinateRun {
 public:
  CoordinateRun(const overlay::Config& config, const Matrix& rtt_s, std::uint64_t seed)
      : rtt_s_(rtt_s), random_(seed) {
    for (std::size_t i = 0; i < rtt_s.size(); ++i) nodes_.emplace_back(config, random_.split());
  }
  void rounds(int count) {
    for (int round = 0; round < count; ++round) {
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        std::size_t j = random_.below(nodes_.size() - 1);
        if (j >= i) ++j;
        nodes_[i].update(overlay::Point::of(nodes_[j].own().wire()), rtt_s_[i][j]);
      }
    }
  }
  /// Over all pairs that were measured.
  RelativeError error() const {
    std::vector<double> errors;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      for (std::size_t j = i + 1; j < nodes_.size(); ++j) {
        if (rtt_s_[i][j] <= 0) continue;
        errors.push_back(std::fabs(overlay::distance_s(nodes_[i].own(), nodes_[j].own()) - rtt_s_[i][j]) /
                         rtt_s_[i][j]);
      }
    }
    if (errors.empty()) return {};
    std::sort(errors.begin(), errors.end());
    return {errors[errors.size() / 2], errors[errors.size() * 9 / 10]};
  }

 private:
  const Matrix& rtt_s_;
  base::Random random_;
  std::vector<overlay::Coordinates> nodes_;
};

}  // namespace zel::bench
