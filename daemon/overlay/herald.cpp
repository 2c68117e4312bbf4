#include "daemon/overlay/herald.hpp"

#include <algorithm>

namespace zel::overlay {

namespace {

constexpr std::size_t per_step = 4;
constexpr base::Duration step_interval = std::chrono::milliseconds(125);
constexpr std::size_t looked_at = 8;  // to find one that was not told yet; at the next step others are looked at

}  // namespace

Herald::Herald(const Config& config, const PeerRecord& self, PeerTable& peers, Actions& out, base::Random random,
               base::Time now)
    : config_(config),
      self_(self),
      peers_(peers),
      out_(out),
      random_(random),
      budget_(config.urgent_budget),
      counted_(now),
      introduction_end_(now + config.introduction_time),
      next_introduction_(now + config.introduction_interval) {}

void Herald::on_timer(base::Time now) {
  if (now >= next_step_) step(now);
  if (now >= next_introduction_) introduce(now);
}

void Herald::introduce(base::Time now) {
  next_introduction_ = now + config_.introduction_interval;
  if (next_introduction_ >= introduction_end_) next_introduction_ = base::never;
  for (const PeerTable::Slot slot : peers_.sample(Use::view, looked_at, random_)) {
    if (peers_[slot].told_of_us) continue;
    peers_[slot].told_of_us = true;
    return ping(peers_[slot].record);
  }
}

void Herald::tell_refutation(const std::optional<PeerRecord>& first, base::Time now) {
  if (first && spend(now)) ping(*first);
  to_tell_.clear();
  const auto add = [&](Use use) {
    for (const PeerTable::Slot slot : peers_.sample(use, most_told_of_refutation, random_)) {
      const base::NodeId& id = peers_[slot].record.id;
      if (to_tell_.size() < most_told_of_refutation &&
          std::find(to_tell_.begin(), to_tell_.end(), id) == to_tell_.end())
        to_tell_.push_back(id);
    }
  };
  add(Use::watched);
  add(Use::view);
  add(Use::close);
  std::reverse(to_tell_.begin(), to_tell_.end());
  next_step_ = now;
}

void Herald::step(base::Time now) {
  for (std::size_t i = 0; i < per_step && !to_tell_.empty(); ++i) {
    const PeerTable::Slot slot = peers_.find(to_tell_.back());
    to_tell_.pop_back();
    if (slot == PeerTable::none) continue;
    if (spend(now)) {
      ping(peers_[slot].record);
    } else {
      to_tell_.clear();
    }
  }
  next_step_ = to_tell_.empty() ? base::never : now + step_interval;
}

void Herald::tell_death(base::Time now) {
  for (const PeerTable::Slot slot : peers_.sample(Use::view, config_.urgent_fan_out, random_)) {
    if (spend(now)) ping(peers_[slot].record);
  }
}

void Herald::ping(const PeerRecord& to) { out_.push_back(Send{to, wire::overlay::Ping{0, self_, {}, false}}); }

bool Herald::spend(base::Time now) {
  const double grown = base::seconds(now - counted_) / base::seconds(config_.probe_interval) * config_.urgent_per_round;
  budget_ = std::min(config_.urgent_budget, budget_ + std::max(grown, 0.0));
  counted_ = std::max(counted_, now);
  if (budget_ < 1) return false;
  budget_ -= 1;
  return true;
}

}  // namespace zel::overlay
