#include "daemon/schedule/leases.hpp"

#include <algorithm>
#include <array>

namespace zel::schedule {

std::uint32_t& Leases::count_of(State state) {
  return state == State::leased ? leased_ : state == State::claimed ? claimed_ : used_;
}

void Leases::set_deadline(Table::value_type& lease, base::Time deadline) {
  deadlines_.erase({lease.second.deadline, lease.first});
  lease.second.deadline = deadline;
  if (deadline != base::never) deadlines_.insert({deadline, lease.first});
}

// The one place where cores change hands.
void Leases::move(Table::value_type& lease, State state, std::uint32_t cores, base::Time deadline) {
  auto& of_lease = lease.second;
  count_of(of_lease.state) -= of_lease.cores;
  free_ += of_lease.cores;
  of_lease.state = state;
  of_lease.cores = cores;
  count_of(state) += cores;
  free_ -= cores;
  set_deadline(lease, deadline);
}

Leases::Table::iterator Leases::end(Table::iterator lease) {
  if (lease->second.state != State::used) of_search_.erase(lease->second.search);
  move(*lease, State::leased, 0, base::never);
  return leases_.erase(lease);
}

bool Leases::is_at_limit(const base::NodeId& seeker) const {
  auto open = of_search_.lower_bound({seeker, 0});
  for (std::size_t left = config_->max_leases_of_seeker; left > 0; --left, ++open) {
    if (open == of_search_.end() || open->first.seeker != seeker) return false;
  }
  return true;
}

std::optional<Leases::Offered> Leases::offer(const SearchId& search, std::uint32_t cores,
                                             std::uint32_t multiple, base::Time now) {
  expire(now);
  const auto known = of_search_.find(search);
  auto lease = known == of_search_.end() ? leases_.end() : leases_.find(known->second);
  // A claim stands: the request was overtaken by it.
  if (lease != leases_.end() && lease->second.state != State::leased) return std::nullopt;
  if (lease == leases_.end() && leases_.size() >= config_->max_leases) return std::nullopt;
  if (lease == leases_.end() ? is_at_limit(search.seeker)
                             : now - lease->second.since >= config_->longest_offer) {
    ++withheld_;
    return std::nullopt;
  }

  const std::uint32_t held = lease == leases_.end() ? 0 : lease->second.cores;
  const std::uint32_t room = std::min(free_ + held, cores);
  const std::uint32_t offered = room - room % multiple;
  if (offered == 0) return std::nullopt;
  if (lease == leases_.end()) {
    if (next_ == 0) ++next_;
    lease = leases_.emplace(next_++, Lease{search, 0, State::leased, base::never, now}).first;
    of_search_.emplace(search, lease->first);
  }
  move(*lease, State::leased, offered, now + config_->offer_lease);
  return Offered{lease->first, offered};
}

std::string Leases::why_not(const SearchId& search, std::uint32_t multiple) const {
  if (of_search_.contains(search)) return "has already given cores to this search";
  if (is_at_limit(search.seeker))
    return "keeps " + std::to_string(config_->max_leases_of_seeker) + " leases for this seeker already";
  if (free_ != 0 && free_ < multiple) {
    return std::to_string(multiple) + " cores per rank asked, " + std::to_string(free_) + " of " +
           std::to_string(total_) + " free";
  }
  if (free_ != 0) return "holds as many leases as it can: " + std::to_string(leases_.size());
  if (total_ == 0) return "has no cores to offer";
  std::string text =
      "no free core: " + std::to_string(in_use()) + " of " + std::to_string(total_) + " in use";
  if (leased_ != 0) text += ", " + std::to_string(leased_) + " offered to other searches";
  return text;
}

bool Leases::claim(const SearchId& search, Number number, std::uint32_t cores, base::Time now) {
  expire(now);
  const auto lease = leases_.find(number);
  if (lease == leases_.end() || lease->second.search != search) return false;
  switch (lease->second.state) {
    case State::leased:
      if (cores == 0 || cores > lease->second.cores) return false;
      move(*lease, State::claimed, cores, now + config_->claim_lease);
      return true;
    case State::claimed: return cores == lease->second.cores;
    case State::used: return false;
  }
  return false;
}

bool Leases::give_back(const SearchId& search, Number number) {
  const auto lease = leases_.find(number);
  if (lease == leases_.end() || lease->second.search != search || lease->second.state == State::used)
    return false;
  end(lease);
  return true;
}

base::Result<std::uint32_t> Leases::commit(Number number, const base::NodeId& seeker, base::Time now) {
  expire(now);
  const auto lease = leases_.find(number);
  if (lease == leases_.end() || lease->second.search.seeker != seeker ||
      lease->second.state != State::claimed) {
    return base::fail(base::Errc::refused, "no claim " + std::to_string(number) + " of node " +
                                               seeker.short_text() +
                                               " stands here; it may be over, search again");
  }
  of_search_.erase(lease->second.search);
  move(*lease, State::used, lease->second.cores, base::never);
  return lease->second.cores;
}

void Leases::release(Number number) {
  if (const auto lease = leases_.find(number); lease != leases_.end()) end(lease);
}

void Leases::lose(const base::NodeId& seeker) {
  for (auto open = of_search_.lower_bound({seeker, 0});
       open != of_search_.end() && open->first.seeker == seeker;) {
    const auto lease = leases_.find(open->second);
    ++open;  // end() takes its entry away
    end(lease);
  }
}

std::size_t Leases::expire(base::Time now) {
  std::size_t count = 0;
  for (; !deadlines_.empty() && deadlines_.begin()->first <= now; ++count) {
    end(leases_.find(deadlines_.begin()->second));
  }
  return count;
}

bool Leases::consistent() const {
  std::array<std::uint64_t, 3> cores{};
  std::size_t open = 0;
  for (const auto& [number, lease] : leases_) {
    cores[static_cast<std::size_t>(lease.state)] += lease.cores;
    const bool is_used = lease.state == State::used;
    if (is_used != (lease.deadline == base::never)) return false;
    if (is_used) continue;
    ++open;
    const auto entry = of_search_.find(lease.search);
    if (entry == of_search_.end() || entry->second != number) return false;
    if (!deadlines_.contains({lease.deadline, number})) return false;
  }
  return cores[0] == leased_ && cores[1] == claimed_ && cores[2] == used_ && open == of_search_.size() &&
         open == deadlines_.size() && std::uint64_t{free_} + leased_ + claimed_ + used_ == total_;
}

}  // namespace zel::schedule
