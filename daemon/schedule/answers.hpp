// Why: what one search has heard, one entry a node: what it offers, how far it is, why it was not taken.
// Which of them are taken is one rule: the nearest. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/node_id.hpp"
#include "base/time.hpp"
#include "daemon/schedule/config.hpp"
#include "daemon/schedule/scheduler.hpp"

namespace zel::schedule {

struct Answer {
  PeerRecord host;
  base::Duration distance{};
  LeaseNumber lease = 0;      // 0: nothing is held there
  std::uint32_t cores = 0;    // offered
  base::Time until{};         // later the lease may be over
  std::uint32_t claimed = 0;  // cores
  std::uint32_t ranks = 0;    // on them
  bool granted = false;
  std::string reason;  // why nothing was taken
};

class Answers {
 public:
  /// `limit`: answers beyond it are not kept.
  Answers(std::uint32_t cores_per_rank, std::size_t limit) : cores_per_rank_(cores_per_rank), limit_(limit) {}

  /// The entry of this node, made if there is room; nullptr when there is none.
  Answer* of(const PeerRecord& host, base::Duration distance);
  Answer* find(const base::NodeId& host);
  /// Enters what is held; replaces what was held before.
  void hold(Answer& answer, LeaseNumber lease, std::uint32_t cores, base::Time until);
  void drop(Answer& answer);

  /// How many ranks fit on what is held. May count leases that are over; live_ranks() does not.
  std::uint64_t ranks_held() const { return ranks_held_; }
  std::uint64_t live_ranks(base::Time now) const;
  /// All that is held, nearest first.
  std::vector<Answer*> held();
  /// Sets claimed and ranks of the nearest live ones so that `ranks` are placed, and returns those. With
  /// `share` all are taken and the ranks dealt out over their cores. Empty: there is not enough.
  std::vector<Answer*> choose(std::uint32_t ranks, bool share, base::Time now);

  std::size_t size() const { return answers_.size(); }
  std::vector<Verdict> verdicts(std::size_t limit) const;
  /// The reason most nodes gave, with how many did; empty if none did.
  std::string commonest_reason() const;

 private:
  std::uint32_t cores_per_rank_;
  std::size_t limit_;
  std::uint64_t ranks_held_ = 0;
  std::map<base::NodeId, Answer> answers_;
};

}  // namespace zel::schedule
