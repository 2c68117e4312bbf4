#include "daemon/relay/reachability.hpp"

#include <algorithm>

namespace zel::relay {

namespace {

bool contains(const std::vector<wire::overlay::Address>& all, const wire::overlay::Address& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

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

void Reachability::set_guesses(const std::vector<wire::overlay::Address>& guesses, base::Time now) {
  if (guesses == guesses_) return;
  guesses_ = guesses;
  good_guesses_.clear();
  if (addresses_.empty()) return;
  asked_.clear();
  due_ = now;
}

/// As many as one may ask about; those this node is sure of first.
std::vector<wire::overlay::Address> Reachability::all_addresses() const {
  std::vector<wire::overlay::Address> all = addresses_;
  all.resize(std::min(all.size(), wire::overlay::max_addresses - std::min(guesses_.size(), wire::overlay::max_addresses / 2)));
  for (const auto& guess : guesses_) {
    if (all.size() < wire::overlay::max_addresses && !contains(all, guess)) all.push_back(guess);
  }
  return all;
}

void Reachability::on_answer(const base::NodeId& from, const wire::relay::DialedBack& answer, base::Time now) {
  const auto found = asked_.find(from);
  if (found == asked_.end() || answer.sequence != sequence_ || found->second) return;
  found->second.emplace();
  for (const auto& address : answer.reached) {
    if (contains(addresses_, address) || contains(guesses_, address)) found->second->push_back(address);
  }
  const bool all = std::all_of(asked_.begin(), asked_.end(), [](const auto& entry) { return entry.second.has_value(); });
  if (all) judge(now);
}

void Reachability::judge(base::Time now) {
  std::size_t found = 0;
  std::size_t missed = 0;
  std::vector<wire::overlay::Address> good = guesses_;
  for (const auto& [peer, answer] : asked_) {
    if (!answer) continue;
    ++(answer->empty() ? missed : found);
    std::erase_if(good, [&](const auto& guess) { return !contains(*answer, guess); });
  }
  asked_.clear();
  if (found + missed == 0) {
    due_ = now + config_.dial_back_retry;
    return;
  }
  good_guesses_ = std::move(good);
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
    asks.push_back({peer, {sequence_, all_addresses()}});
  }
  due_ = now + config_.dial_back_wait;
  return asks;
}

}  // namespace zel::relay
