#include "daemon/relay/reachability.hpp"

#include <algorithm>

namespace zel::relay {

std::string_view text_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::unknown: return "not known yet";
    case Verdict::open: return "can be dialled";
    case Verdict::shut: break;
  }
  return "cannot be dialled by all";
}

void Reachability::set_addresses(const std::vector<wire::overlay::Address>& addresses, base::Time now) {
  if (addresses == addresses_ && verdict_ != Verdict::unknown) return;
  addresses_ = addresses;
  asked_.clear();
  verdict_ = addresses_.empty() ? Verdict::shut : Verdict::unknown;
  due_ = addresses_.empty() ? base::never : now;
}

void Reachability::on_answer(const base::NodeId& from, const wire::relay::DialedBack& answer, base::Time now) {
  const auto found = asked_.find(from);
  if (found == asked_.end() || answer.sequence != sequence_ || found->second) return;
  found->second = std::any_of(answer.reached.begin(), answer.reached.end(), [&](const auto& address) {
    return std::find(addresses_.begin(), addresses_.end(), address) != addresses_.end();
  });
  const bool all = std::all_of(asked_.begin(), asked_.end(), [](const auto& entry) { return entry.second.has_value(); });
  if (all) judge(now);
}

void Reachability::judge(base::Time now) {
  std::size_t found = 0;
  std::size_t missed = 0;
  for (const auto& [peer, answer] : asked_) {
    if (answer) ++(*answer ? found : missed);
  }
  asked_.clear();
  if (found + missed == 0) {
    due_ = now + config_.dial_back_retry;
    return;
  }
  verdict_ = missed == 0 ? Verdict::open : Verdict::shut;
  due_ = now + (missed == 0 ? config_.recheck_open : config_.recheck_shut);
}

std::vector<Reachability::Ask> Reachability::on_timer(const std::vector<base::NodeId>& able, base::Time now) {
  std::vector<Ask> asks;
  if (now < due_) return asks;
  if (!asked_.empty()) {
    judge(now);
    return asks;
  }
  // The best are those in front; which of them is chance, so that no one of them decides for ever.
  std::vector<base::NodeId> some(able.begin(), able.begin() + static_cast<std::ptrdiff_t>(
                                                                  std::min(able.size(), 4 * config_.dial_back_peers)));
  base::shuffle(some, random_);
  if (some.size() > config_.dial_back_peers) some.resize(config_.dial_back_peers);
  if (some.empty()) {
    due_ = now + config_.dial_back_retry;
    return asks;
  }
  ++sequence_;
  for (const base::NodeId& peer : some) {
    asked_.emplace(peer, std::nullopt);
    asks.push_back({peer, {sequence_, addresses_}});
  }
  due_ = now + config_.dial_back_wait;
  return asks;
}

}  // namespace zel::relay
