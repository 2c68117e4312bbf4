#include "daemon/overlay/suspicion.hpp"

#include <algorithm>
#include <cmath>

namespace zel::overlay {

namespace {

constexpr double least_magnitude = 1.5;  // few nodes need time to object, too

base::Duration scaled(base::Duration unit, double factor) {
  return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double, std::nano>(unit) * factor);
}

}  // namespace

base::Duration least_suspicion(const Config& config, double nodes) {
  return scaled(config.probe_interval,
                config.suspicion_multiplier * std::max(least_magnitude, std::log10(std::max(nodes, 1.0))));
}

std::uint32_t rumour_passes(const Config& config, double nodes) {
  return static_cast<std::uint32_t>(config.retransmit_multiplier *
                                    std::ceil(std::log10(std::max(nodes, 1.0) + 1)));
}

Suspicion::Suspicion(const Config& config, double nodes, int patience, const base::NodeId& reporter, base::Time now)
    : reporters_{reporter},
      wanted_(config.confirmations),
      least_(least_suspicion(config, nodes) * patience),
      most_(scaled(least_, config.suspicion_max_multiplier)),
      start_(now) {
  // Where there are not enough others to confirm anything, it is not waited for.
  if (nodes - 2 < static_cast<double>(wanted_)) wanted_ = 0;
}

bool Suspicion::confirm(const base::NodeId& reporter) {
  if (confirmations() >= wanted_) return false;
  if (std::find(reporters_.begin(), reporters_.end(), reporter) != reporters_.end()) return false;
  reporters_.push_back(reporter);
  return true;
}

base::Time Suspicion::deadline() const {
  if (wanted_ == 0) return std::max(start_ + least_, earliest_);
  const double share =
      std::log(static_cast<double>(confirmations() + 1)) / std::log(static_cast<double>(wanted_ + 1));
  const base::Duration wait = most_ - scaled(most_ - least_, share);
  return std::max(start_ + std::max(wait, least_), earliest_);
}

void Suspicion::put_off(base::Duration gap, base::Time earliest) {
  start_ += gap;
  earliest_ = std::max(earliest_, earliest);
}

}  // namespace zel::overlay
