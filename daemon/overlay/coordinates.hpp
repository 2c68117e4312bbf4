// Why: where this node is in a space whose distances are round-trip times, so that any two nodes can be
// compared without measuring them. Vivaldi (SIGCOMM 2004) with a height for the access link and serf's
// additions: the median of a few samples, a window of residues (adjustment), and a pull to the origin so that
// the space does not drift.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/random.hpp"
#include "daemon/overlay/config.hpp"
#include "wire/overlay.hpp"

namespace zel::overlay {

/// The last three round-trip times to one peer; their median hides a single odd one.
class LatencyFilter {
 public:
  void add(double rtt_s);
  bool empty() const { return count_ == 0; }
  double median_s() const;

 private:
  std::array<float, 3> samples_{};
  std::uint8_t count_ = 0;
  std::uint8_t next_ = 0;
};

/// A coordinate as it is computed with. The wire's is the same in single precision.
struct Point {
  std::array<double, wire::overlay::Coordinate::dimensions> position{};
  double height = 1e-5;
  double error = 1.5;
  double adjustment = 0;

  static Point of(const wire::overlay::Coordinate& coordinate);
  wire::overlay::Coordinate wire() const;
};

/// Seconds, without and with the adjustments. Never negative.
double raw_distance_s(const Point& a, const Point& b);
double distance_s(const Point& a, const Point& b);

class Coordinates {
 public:
  Coordinates(const Config& config, base::Random random);

  /// A filtered round-trip time to a node at `other`. False, and nothing changed, for values that cannot be.
  bool update(const Point& other, double rtt_s);
  const Point& own() const { return own_; }
  /// Times the own coordinate was no number any more and was started anew.
  std::uint64_t resets() const { return resets_; }

 private:
  void pull_towards(const Point& other, double rtt_s);
  void adjust(const Point& other, double rtt_s);
  void apply_force(double force, const Point& other);

  const Config& config_;
  base::Random random_;
  Point origin_;
  Point own_;
  std::vector<float> residues_s_;
  std::size_t next_residue_ = 0;
  std::uint64_t resets_ = 0;
};

}  // namespace zel::overlay
