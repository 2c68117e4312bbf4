#include "daemon/overlay/coordinates.hpp"

#include <algorithm>
#include <cmath>

namespace zel::overlay {

namespace {

constexpr double nothing = 1e-6;   // below this two places are one, and an error is none
constexpr double farthest_s = 10;  // as on the wire

using Position = decltype(Point::position);

double length(const Position& v) {
  double sum = 0;
  for (const double axis : v) sum += axis * axis;
  return std::sqrt(sum);
}

bool possible(const Point& p) {
  const auto fits = [](double v) { return std::isfinite(v) && std::fabs(v) <= farthest_s; };
  return std::all_of(p.position.begin(), p.position.end(), fits) && fits(p.height) && p.height >= 0 &&
         fits(p.error) && p.error >= 0 && fits(p.adjustment);
}

}  // namespace

void LatencyFilter::add(double rtt_s) {
  samples_[next_] = static_cast<float>(rtt_s);
  next_ = static_cast<std::uint8_t>((next_ + 1u) % samples_.size());
  if (count_ < samples_.size()) ++count_;
}

double LatencyFilter::median_s() const {
  const auto [a, b, c] = samples_;
  if (count_ < 2) return static_cast<double>(a);
  if (count_ == 2) return static_cast<double>(std::max(a, b));
  return static_cast<double>(std::max(std::min(a, b), std::min(std::max(a, b), c)));
}

Point Point::of(const wire::overlay::Coordinate& coordinate) {
  Point point;
  std::copy(coordinate.position.begin(), coordinate.position.end(), point.position.begin());
  point.height = static_cast<double>(coordinate.height);
  point.error = static_cast<double>(coordinate.error);
  point.adjustment = static_cast<double>(coordinate.adjustment);
  return point;
}

wire::overlay::Coordinate Point::wire() const {
  wire::overlay::Coordinate coordinate;
  std::transform(position.begin(), position.end(), coordinate.position.begin(),
                 [](double axis) { return static_cast<float>(axis); });
  coordinate.height = static_cast<float>(height);
  coordinate.error = static_cast<float>(error);
  coordinate.adjustment = static_cast<float>(adjustment);
  return coordinate;
}

double raw_distance_s(const Point& a, const Point& b) {
  Position way;
  for (std::size_t i = 0; i < way.size(); ++i) way[i] = a.position[i] - b.position[i];
  return length(way) + a.height + b.height;
}

double distance_s(const Point& a, const Point& b) {
  const double raw = raw_distance_s(a, b);
  const double adjusted = raw + a.adjustment + b.adjustment;
  return adjusted > 0 ? adjusted : raw;
}

Coordinates::Coordinates(const Config& config, base::Random random) : config_(config), random_(random) {
  origin_.height = config.height_min_s;
  origin_.error = config.vivaldi_error_max;
  own_ = origin_;
}

bool Coordinates::update(const Point& other, double rtt_s) {
  if (!(rtt_s >= 0 && rtt_s <= base::seconds(config_.largest_rtt)) || !possible(other)) return false;
  pull_towards(other, rtt_s);
  adjust(other, rtt_s);
  const double from_origin = distance_s(origin_, own_) / config_.gravity_rho;
  apply_force(-from_origin * from_origin, origin_);
  if (!possible(own_)) {
    own_ = origin_;
    residues_s_.clear();
    next_residue_ = 0;
    ++resets_;
  }
  return true;
}

void Coordinates::pull_towards(const Point& other, double rtt_s) {
  const double distance = distance_s(own_, other);
  rtt_s = std::max(rtt_s, nothing);
  const double wrongness = std::fabs(distance - rtt_s) / rtt_s;
  const double weight = own_.error / std::max(own_.error + other.error, nothing);
  const double learning = config_.vivaldi_ce * weight;
  own_.error = std::min(own_.error * (1 - learning) + wrongness * learning, config_.vivaldi_error_max);
  apply_force(config_.vivaldi_cc * weight * (rtt_s - distance), other);
}

void Coordinates::adjust(const Point& other, double rtt_s) {
  if (config_.adjustment_window == 0) return;
  const auto residue = static_cast<float>(rtt_s - raw_distance_s(own_, other));
  if (residues_s_.size() < config_.adjustment_window) {
    residues_s_.push_back(residue);
  } else {
    residues_s_[next_residue_] = residue;
    next_residue_ = (next_residue_ + 1) % residues_s_.size();
  }
  double sum = 0;
  for (const float each : residues_s_) sum += static_cast<double>(each);
  own_.adjustment = sum / (2.0 * static_cast<double>(config_.adjustment_window));
}

/// Moves this node away from the other by so many seconds, its height in proportion; two nodes at one place
/// part in a random direction.
void Coordinates::apply_force(double force, const Point& other) {
  Position way;
  for (std::size_t i = 0; i < way.size(); ++i) way[i] = own_.position[i] - other.position[i];
  const double apart = length(way);
  double scale = apart;
  if (apart <= nothing) {
    const std::size_t axes = std::min(config_.vivaldi_dimensions, way.size());
    for (std::size_t i = 0; i < axes; ++i) way[i] = random_.unit() - 0.5;
    scale = std::max(length(way), nothing);
  }
  for (std::size_t i = 0; i < way.size(); ++i) own_.position[i] += way[i] / scale * force;
  if (apart > nothing) {
    own_.height = std::max(own_.height + (own_.height + other.height) * force / apart, config_.height_min_s);
  }
}

}  // namespace zel::overlay
