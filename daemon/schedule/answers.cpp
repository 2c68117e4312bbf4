#include "daemon/schedule/answers.hpp"

#include <algorithm>

namespace zel::schedule {

Answer* Answers::find(const base::NodeId& host) {
  const auto found = answers_.find(host);
  return found == answers_.end() ? nullptr : &found->second;
}

Answer* Answers::of(const PeerRecord& host, base::Duration distance) {
  auto* answer = find(host.id);
  if (answer == nullptr) {
    if (answers_.size() >= limit_) return nullptr;
    answer = &answers_[host.id];
  }
  answer->host = host;
  answer->distance = distance;
  return answer;
}

void Answers::hold(Answer& answer, LeaseNumber lease, std::uint32_t cores, base::Time until) {
  drop(answer);
  answer.lease = lease;
  answer.cores = cores;
  answer.until = until;
  answer.reason.clear();
  ranks_held_ += cores / cores_per_rank_;
}

void Answers::drop(Answer& answer) {
  if (answer.lease != 0) ranks_held_ -= answer.cores / cores_per_rank_;
  answer.lease = 0;
  answer.claimed = answer.ranks = 0;
  answer.granted = false;
}

std::uint64_t Answers::live_ranks(base::Time now) const {
  std::uint64_t ranks = 0;
  for (const auto& [id, answer] : answers_) {
    if (answer.lease != 0 && answer.until > now) ranks += answer.cores / cores_per_rank_;
  }
  return ranks;
}

std::vector<Answer*> Answers::held() {
  std::vector<Answer*> held;
  for (auto& [id, answer] : answers_) {
    if (answer.lease != 0) held.push_back(&answer);
  }
  std::stable_sort(held.begin(), held.end(),
                   [](const Answer* a, const Answer* b) { return a->distance < b->distance; });
  return held;
}

std::vector<Answer*> Answers::choose(std::uint32_t ranks, bool share, base::Time now) {
  std::vector<Answer*> chosen;
  std::uint64_t places = 0;
  for (auto* answer : held()) {
    const std::uint32_t room = answer->cores / cores_per_rank_;
    if (answer->until <= now || room == 0 || places >= ranks) continue;
    answer->ranks = static_cast<std::uint32_t>(std::min<std::uint64_t>(room, ranks - places));
    answer->claimed = answer->ranks * cores_per_rank_;
    places += answer->ranks;
    chosen.push_back(answer);
  }
  if (places == ranks) return chosen;
  if (!share || places == 0) {
    for (auto* answer : chosen) answer->claimed = answer->ranks = 0;
    return {};
  }
  std::uint64_t first = 0;  // place i gets ranks i, i + places, i + 2 places…
  for (auto* answer : chosen) {
    const std::uint64_t end = first + answer->ranks;
    const std::uint64_t rest = ranks % places;
    const std::uint64_t with_one_more = std::clamp(rest, first, end) - first;
    answer->ranks = static_cast<std::uint32_t>(answer->ranks * (ranks / places) + with_one_more);
    first = end;
  }
  return chosen;
}

std::vector<Verdict> Answers::verdicts(std::size_t limit) const {
  std::vector<const Answer*> order;
  for (const auto& [id, answer] : answers_) order.push_back(&answer);
  std::stable_sort(order.begin(), order.end(),
                   [](const Answer* a, const Answer* b) { return a->distance < b->distance; });
  if (order.size() > limit) order.resize(limit);
  std::vector<Verdict> verdicts;
  for (const auto* answer : order) {
    verdicts.push_back({answer->host, answer->distance, answer->granted ? answer->claimed : 0,
                        answer->granted ? "taken" : answer->reason});
  }
  return verdicts;
}

std::string Answers::commonest_reason() const {
  std::map<std::string, std::size_t> counts;
  for (const auto& [id, answer] : answers_) {
    if (!answer.reason.empty()) ++counts[answer.reason];
  }
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == counts.end()) return {};
  return std::to_string(most->second) + " of " + std::to_string(answers_.size()) + ": " + most->first;
}

}  // namespace zel::schedule
