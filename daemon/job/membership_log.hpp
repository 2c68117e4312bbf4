// Why: all members of a job must see the same changes in the same order, so one engine at the job's primary
// numbers them. Join, Elect, Leave after the IPL registry (JEL, CCPE 23(1), 2011): an election is first come,
// and passes to the next candidate when its holder leaves or dies.
// Pure: requests in, log entries out.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "wire/member.hpp"

namespace zel::job {

class MembershipLog {
 public:
  using Event = wire::member::Event;

  /// `ranks`: how many the job starts with; when all have joined or ended the log is closed.
  explicit MembershipLog(std::uint32_t ranks);

  // Requests of a member. `refused` when they make no sense; the log is then unchanged.
  base::Result<void> join(std::uint32_t rank);
  base::Result<void> leave(std::uint32_t rank);
  base::Result<void> elect(std::uint32_t rank, const std::string& name);
  base::Result<void> signal(std::uint32_t rank, const std::string& text, const std::vector<std::uint32_t>& to);
  base::Result<void> terminate(std::uint32_t rank);

  /// The process of this rank ended, for `cause`. A member that had not left has died.
  void ended(std::uint32_t rank, const std::string& cause);
  /// The member's connection closed without leaving, while its process may live on: it has died as a member.
  void lost(std::uint32_t rank, const std::string& cause);

  /// Entries with a higher sequence number, in order. O(entries returned).
  std::vector<Event> since(std::uint64_t sequence) const;
  std::uint64_t last() const { return log_.size(); }
  bool is_member(std::uint32_t rank) const { return rank < ranks_.size() && ranks_[rank] == State::member; }

 private:
  enum class State : std::uint8_t { absent, member, gone };
  struct Election {
    std::uint32_t holder;
    std::deque<std::uint32_t> candidates;  // who stood, in order, without the holder
  };

  base::Result<void> require_member(std::uint32_t rank) const;
  void append(wire::member::EventKind kind, std::uint32_t rank, std::string text = {},
              std::vector<std::uint32_t> to = {});
  void account(std::uint32_t rank);
  void remove(std::uint32_t rank);
  void pass_on_elections(std::uint32_t rank);

  std::vector<State> ranks_;
  std::vector<bool> accounted_;   // has joined or ended
  std::uint32_t unaccounted_;
  bool terminated_ = false;
  std::map<std::string, Election> elections_;
  std::vector<Event> log_;        // entry i has sequence i + 1
};

}  // namespace zel::job
