// Why: see steal_engine.hpp. The first half is the thief's side, the second the victim's.
#include "libzel/task/steal_engine.hpp"

#include <algorithm>
#include <concepts>

#include "libzel/task/lifelines.hpp"

namespace zel::task {

StealEngine::StealEngine(const EngineSetup& setup, WorkSource& source)
    : setup_(setup),
      source_(source),
      random_(static_cast<std::minstd_rand::result_type>((setup.seed ^ (setup.seed >> 32U)) & 0x7fffffffU)),
      peers_(static_cast<std::size_t>(setup.size)) {
  peer(setup.rank).presence = Presence::present;
}

void StealEngine::send(int to, Message message) {
  if (peer(to).presence != Presence::gone) actions_.emplace_back(Send{to, std::move(message)});
}

void StealEngine::on_message(int from, Message message, base::Time now) {
  if (from < 0 || from >= setup_.size || from == setup_.rank) {
    ++counters_.unexpected;
    return;
  }
  if (peer(from).presence == Presence::gone) {
    ++counters_.late;
    return;
  }
  peer(from).heard = true;
  if (std::holds_alternative<Refuse>(message)) return on(from, Refuse{}, now);
  std::visit(
      [&]<class M>(M&& m) {
        if constexpr (!std::same_as<M, Refuse>) on(from, std::forward<M>(m));
      },
      std::move(message));
}

// Members

void StealEngine::on_joined(int rank) {
  if (peer(rank).presence != Presence::unknown) return;
  peer(rank).presence = Presence::present;
  // A rank alone until now has nobody to wait at; one at its lifelines may have new ones.
  if (searching_ && quiet_) wait_at_lifelines();
}

void StealEngine::on_gone(int rank, base::Time now) {
  if (peer(rank).presence == Presence::gone || rank == setup_.rank) return;
  peer(rank) = Peer{.presence = Presence::gone};
  std::erase(waiting_, rank);
  if (rank == 0 && !finished_) {
    finished_ = true;
    actions_.emplace_back(RootLost{});
  }
  for (auto loan = lent_.begin(); loan != lent_.end();) {
    if (loan->second.thief == rank) {
      ++counters_.redone;
      actions_.emplace_back(Redo{loan->second.frame, true});
      loan = lent_.erase(loan);
    } else {
      ++loan;
    }
  }
  for (auto held = held_.lower_bound({rank, 0}); held != held_.end() && held->first == rank;) {
    actions_.emplace_back(Abandon{rank, held->second});
    held = held_.erase(held);
  }
  if (!searching_) return;
  if (asking_ == rank) {
    asking_ = -1;
    look_for_work(now);
  } else if (quiet_) {
    wait_at_lifelines();
  }
}

std::vector<int> StealEngine::present() const {
  std::vector<int> result;
  for (int rank = 0; rank < setup_.size; ++rank) {
    if (peer(rank).presence == Presence::present) result.push_back(rank);
  }
  return result;
}

// The thief's side

void StealEngine::on_idle(base::Time now) {
  if (searching_ || finished_) return;
  searching_ = true;
  quiet_ = false;
  asking_ = -1;
  attempts_ = 0;
  look_for_work(now);
}

void StealEngine::on_timer(base::Time now) {
  if (now < next_deadline()) return;
  if (!searching_ || asking_ < 0) return;
  asking_ = -1;
  look_for_work(now);
}

void StealEngine::on_busy() { searching_ = false; }

void StealEngine::look_for_work(base::Time now) {
  while (attempts_ < setup_.random_attempts) {
    const auto victim = pick_victim();
    if (!victim) break;
    ++attempts_;
    steal_from(*victim, false);
    // A rank that has not been heard of may not have begun yet, and answer late: not waited for.
    if (peer(*victim).heard) {
      asking_ = *victim;
      deadline_ = now + setup_.answer_limit;
      return;
    }
  }
  quiet_ = true;
  wait_at_lifelines();
}

std::optional<int> StealEngine::pick_victim() {
  // All work begins at rank 0.
  if (setup_.rank != 0 && counters_.steal_attempts == 0 && peer(0).presence != Presence::gone) return 0;
  std::vector<int> candidates = present();
  std::erase_if(candidates, [&](int rank) { return rank == setup_.rank || peer(rank).asked; });
  if (candidates.empty()) return std::nullopt;
  std::uniform_int_distribution<std::size_t> any(0, candidates.size() - 1);
  return candidates[any(random_)];
}

void StealEngine::wait_at_lifelines() {
  for (const int rank : lifelines_of(setup_.rank, present())) {
    if (peer(rank).lifeline) continue;
    steal_from(rank, true);
  }
}

void StealEngine::steal_from(int rank, bool lifeline) {
  (lifeline ? peer(rank).lifeline : peer(rank).asked) = true;
  ++counters_.steal_attempts;
  send(rank, Steal{lifeline});
}

void StealEngine::on(int from, const Refuse&, base::Time now) {
  if (!peer(from).asked) {
    ++counters_.unexpected;
    return;
  }
  peer(from).asked = false;
  if (searching_ && asking_ == from) {
    asking_ = -1;
    look_for_work(now);
  }
}

void StealEngine::on(int from, Loan&& message) {
  // Only what was asked for is taken: that bounds what can pile up here at two tasks per member.
  bool& asked = message.lifeline ? peer(from).lifeline : peer(from).asked;
  if (!asked || !held_.insert({from, message.id}).second) {
    ++counters_.unexpected;
    return;
  }
  asked = false;
  searching_ = false;
  actions_.emplace_back(Accept{from, message.id, message.type_key, std::move(message.task)});
}

void StealEngine::on_done(int victim, std::uint64_t id, bool ok, base::Bytes value) {
  if (held_.erase({victim, id}) == 0) return;
  send(victim, Result{id, ok, std::move(value)});
}

void StealEngine::give_back(int victim, std::uint64_t id) {
  if (held_.erase({victim, id}) == 0) return;
  send(victim, GiveBack{id});
}

void StealEngine::on(int from, const Cancel& message) {
  if (held_.erase({from, message.id}) == 0) {
    ++counters_.late;
    return;
  }
  actions_.emplace_back(Abandon{from, message.id});
}

void StealEngine::on(int from, Finished&& message) {
  if (from != 0) {
    ++counters_.unexpected;
    return;
  }
  if (finished_) return;
  finished_ = true;
  searching_ = false;
  actions_.emplace_back(Finish{message.ok, std::move(message.value)});
}

// The victim's side

void StealEngine::on(int from, const Steal& message) {
  // Who asks is there, even if the membership log has not said so yet.
  on_joined(from);
  if (finished_) return;
  if (lend(from, message.lifeline)) return;
  if (!message.lifeline) {
    send(from, Refuse{});
  } else if (!peer(from).waits) {
    peer(from).waits = true;
    waiting_.push_back(from);
  }
}

void StealEngine::on_work() {
  while (!finished_ && !waiting_.empty() && source_.has_work()) {
    const int thief = waiting_.front();
    if (!lend(thief, true)) return;
    waiting_.pop_front();
    peer(thief).waits = false;
  }
}

bool StealEngine::lend(int thief, bool lifeline) {
  if (finished_ || !source_.has_work()) return false;
  auto loot = source_.take_oldest();
  if (!loot) return false;
  const std::uint64_t id = next_loan_++;
  lent_.emplace(id, Lent{thief, loot->frame});
  send(thief, Loan{id, loot->type_key, lifeline, std::move(loot->task)});
  return true;
}

void StealEngine::on(int from, Result&& message) {
  const auto loan = lent_.find(message.id);
  if (loan == lent_.end() || loan->second.thief != from) {
    ++counters_.late;
    return;
  }
  actions_.emplace_back(Deliver{loan->second.frame, from, message.ok, std::move(message.value)});
  lent_.erase(loan);
}

void StealEngine::on(int from, const GiveBack& message) {
  const auto loan = lent_.find(message.id);
  if (loan == lent_.end() || loan->second.thief != from) {
    ++counters_.late;
    return;
  }
  actions_.emplace_back(Redo{loan->second.frame, false});
  lent_.erase(loan);
}

void StealEngine::cancel(const Frame* frame) {
  const auto loan = std::find_if(lent_.begin(), lent_.end(),
                                 [&](const auto& entry) { return entry.second.frame == frame; });
  if (loan == lent_.end()) return;
  send(loan->second.thief, Cancel{loan->first});
  lent_.erase(loan);
}

void StealEngine::on(int from, const Report& message) {
  if (setup_.rank != 0) {
    ++counters_.unexpected;
    return;
  }
  actions_.emplace_back(Reported{from, message});
}

void StealEngine::on_root_done(bool ok, base::Bytes value) {
  finished_ = true;
  for (int rank = 1; rank < setup_.size; ++rank) send(rank, Finished{ok, value});
}

}  // namespace zel::task
