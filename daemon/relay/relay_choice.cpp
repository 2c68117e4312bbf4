#include "daemon/relay/relay_choice.hpp"

#include <algorithm>

namespace zel::relay {

std::vector<RelayChoice::Entry>::iterator RelayChoice::find(const base::NodeId& relay) {
  return std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.record.id == relay; });
}

bool RelayChoice::is_relay(const base::NodeId& node) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.attached && entry.record.id == node; });
}

std::vector<const wire::overlay::PeerRecord*> RelayChoice::relays() const {
  std::vector<const wire::overlay::PeerRecord*> all;
  for (const Entry& entry : entries_) {
    if (entry.attached) all.push_back(&entry.record);
  }
  return all;
}

void RelayChoice::want(bool wanted, base::Time now) {
  if (wanted == wanted_) return;
  wanted_ = wanted;
  choose_at_ = wanted ? now : base::never;
  if (wanted) return;
  for (Entry& entry : entries_) {
    changed_ = changed_ || entry.attached;
    says_.push_back({std::move(entry.record), wire::relay::Detach{}});
  }
  entries_.clear();
}

void RelayChoice::on_attached(const base::NodeId& relay, base::Time now) {
  const auto entry = find(relay);
  if (entry == entries_.end()) return;
  entry->silent_at = now + config_.relay_silence;
  if (entry->attached) return;
  entry->attached = true;
  changed_ = true;
  // Those attached first stand first.
  std::stable_partition(entries_.begin(), entries_.end(), [](const Entry& each) { return each.attached; });
}

void RelayChoice::on_refused(const base::NodeId& relay, base::Time now) {
  if (const auto entry = find(relay); entry != entries_.end()) drop(entry, config_.refused_rest, now);
}

void RelayChoice::on_lost(const base::NodeId& relay, base::Time now) {
  if (const auto entry = find(relay); entry != entries_.end()) drop(entry, config_.lost_rest, now);
}

void RelayChoice::drop(std::vector<Entry>::iterator entry, base::Duration rest_time, base::Time now) {
  changed_ = changed_ || entry->attached;
  std::erase_if(rests_, [&](const auto& rest) { return rest.second <= now; });
  if (rests_.size() >= config_.refused_remembered) rests_.erase(rests_.begin());
  rests_[entry->record.id] = now + rest_time;
  entries_.erase(entry);
  choose_at_ = now;
}

void RelayChoice::on_timer(const std::vector<wire::overlay::PeerRecord>& candidates, base::Time now) {
  if (!wanted_) return;
  for (bool again = true; again;) {
    const auto silent = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.silent_at <= now; });
    again = silent != entries_.end();
    if (again) drop(silent, config_.refused_rest, now);
  }
  for (const auto& candidate : candidates) {
    if (entries_.size() >= config_.relays) break;
    const auto rest = rests_.find(candidate.id);
    if (find(candidate.id) != entries_.end() || (rest != rests_.end() && now < rest->second)) continue;
    entries_.push_back({candidate, false, now, now + config_.attach_wait});
  }
  for (Entry& entry : entries_) {
    if (now < entry.say_at) continue;
    entry.say_at = now + config_.attach_again;
    says_.push_back({entry.record, wire::relay::Attach{}});
  }
  choose_at_ = entries_.size() < config_.relays ? now + config_.choose_again : base::never;
}

base::Time RelayChoice::next_deadline() const {
  base::Time next = choose_at_;
  for (const Entry& entry : entries_) next = std::min({next, entry.say_at, entry.silent_at});
  return next;
}

}  // namespace zel::relay
