#include "daemon/job/membership_log.hpp"

#include <algorithm>

namespace zel::job {

namespace {

using wire::member::EventKind;

// A member that stands for ever new elections must not fill the node's memory.
constexpr std::size_t max_elections = 4096;

}  // namespace

MembershipLog::MembershipLog(std::uint32_t ranks)
    : ranks_(ranks, State::absent), accounted_(ranks, false), unaccounted_(ranks) {}

void MembershipLog::append(EventKind kind, std::uint32_t rank, std::string text, std::vector<std::uint32_t> to) {
  log_.push_back({last() + 1, kind, rank, std::move(text), std::move(to)});
}

base::Result<void> MembershipLog::require_member(std::uint32_t rank) const {
  if (is_member(rank)) return {};
  return base::fail(base::Errc::refused, "rank " + std::to_string(rank) + " is not a member of the job");
}

base::Result<void> MembershipLog::join(std::uint32_t rank) {
  if (rank >= ranks_.size() || ranks_[rank] != State::absent) {
    return base::fail(base::Errc::refused, "rank " + std::to_string(rank) + " has already joined and left the job; " +
                                               "one process per rank can be its member");
  }
  ranks_[rank] = State::member;
  append(EventKind::joined, rank);
  account(rank);
  return {};
}

base::Result<void> MembershipLog::leave(std::uint32_t rank) {
  if (auto member = require_member(rank); !member) return member;
  append(EventKind::left, rank);
  remove(rank);
  return {};
}

base::Result<void> MembershipLog::elect(std::uint32_t rank, const std::string& name) {
  if (auto member = require_member(rank); !member) return member;
  if (name.empty() || name.size() > wire::member::max_name_bytes) {
    return base::fail(base::Errc::refused, "the name of an election has 1 to 256 bytes");
  }
  const auto found = elections_.find(name);
  if (found == elections_.end()) {
    if (elections_.size() >= max_elections) return base::fail(base::Errc::refused, "too many elections in one job");
    elections_.emplace(name, Election{rank, {}});
    append(EventKind::elected, rank, name);
    return {};
  }
  auto& candidates = found->second.candidates;
  const bool stands = found->second.holder == rank ||
                      std::find(candidates.begin(), candidates.end(), rank) != candidates.end();
  if (!stands) candidates.push_back(rank);
  return {};
}

base::Result<void> MembershipLog::signal(std::uint32_t rank, const std::string& text,
                                         const std::vector<std::uint32_t>& to) {
  if (auto member = require_member(rank); !member) return member;
  if (text.size() > wire::member::max_signal_bytes) {
    return base::fail(base::Errc::refused, "a signal has at most 4096 bytes");
  }
  std::vector<std::uint32_t> present;
  for (const auto receiver : to) {
    if (is_member(receiver)) present.push_back(receiver);
  }
  if (!present.empty()) append(EventKind::signalled, rank, text, std::move(present));
  return {};
}

base::Result<void> MembershipLog::terminate(std::uint32_t rank) {
  if (auto member = require_member(rank); !member) return member;
  if (!terminated_) append(EventKind::terminated, rank);
  terminated_ = true;
  return {};
}

void MembershipLog::ended(std::uint32_t rank, const std::string& cause) {
  lost(rank, cause);
  if (rank >= ranks_.size()) return;
  ranks_[rank] = State::gone;
  account(rank);
}

void MembershipLog::lost(std::uint32_t rank, const std::string& cause) {
  if (!is_member(rank)) return;
  append(EventKind::died, rank, cause);
  remove(rank);
}

void MembershipLog::account(std::uint32_t rank) {
  if (accounted_[rank]) return;
  accounted_[rank] = true;
  if (--unaccounted_ == 0) append(EventKind::closed, rank);
}

void MembershipLog::remove(std::uint32_t rank) {
  ranks_[rank] = State::gone;
  pass_on_elections(rank);
}

void MembershipLog::pass_on_elections(std::uint32_t rank) {
  for (auto entry = elections_.begin(); entry != elections_.end();) {
    auto& [name, election] = *entry;
    std::erase(election.candidates, rank);
    if (election.holder != rank) {
      ++entry;
    } else if (election.candidates.empty()) {
      entry = elections_.erase(entry);
    } else {
      election.holder = election.candidates.front();
      election.candidates.pop_front();
      append(EventKind::elected, election.holder, name);
      ++entry;
    }
  }
}

std::vector<MembershipLog::Event> MembershipLog::since(std::uint64_t sequence) const {
  const auto first = log_.begin() + static_cast<std::ptrdiff_t>(std::min(sequence, last()));
  return {first, log_.end()};
}

}  // namespace zel::job
