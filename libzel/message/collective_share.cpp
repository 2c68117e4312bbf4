// Why: small operations without messages; see Collective::share and net::Board. A barrier, an allreduce or an
// allgather is then one round of notes: who comes last wakes the others, and each of them runs once.
#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "libzel/message/collective.hpp"
#include "libzel/message/collective_running.hpp"

namespace zel::message {
namespace {

constexpr std::size_t max_sharing_members = 64;  // each reads all notes

}  // namespace

bool Collective::can_share(const GroupRecord& group, std::size_t bytes) const {
  if (!board_ || bytes > net::max_note_bytes || group.ranks.size() < 2 || group.ranks.size() > max_sharing_members) return false;
  const net::Reach& reach = *progress_.reach();
  return std::all_of(group.ranks.begin(), group.ranks.end(), [&reach](int rank) { return reach.is_here(rank); });
}

void Collective::share(GroupRecord& group, std::span<const std::byte> mine, const Use& use) {
  Running running{.group = group, .operation = group.begun++};
  const std::uint64_t key = net::Board::key_of(group.tag(), running.operation);
  // Whom it has shown its note it owes nothing more.
  const auto owed = [&] {
    return running.pinned ? std::set<int>() : std::set<int>(group.ranks.begin(), group.ranks.end());
  };
  struct Through {
    net::Board& board;
    const bool& pinned;
    ~Through() {
      if (pinned) board.done();
    }
  } through{*board_, running.pinned};
  guarded(running, owed, [&] {
    progress_.look_if_pending();
    throw_if_broken(running);
    if (!groups_.dead_tags().empty()) sweep();
    wait_for_place(running);
    board_->pin(group.tag(), running.operation, group.ranks, mine);
    running.pinned = true;
    do {
      wait_for_notes(running, key);
    } while (!use_notes(running, key, mine.size(), use));
  });
}

/// Rarely at all: when this rank uses several groups in turn and somebody is slow to leave the one before.
void Collective::wait_for_place(Running& running) {
  const auto gone = [this](int rank) { return progress_.gone(rank); };
  while (board_->place_taken(running.group.tag(), gone)) {
    // Whoever leaves does not ring for this; it runs already, so it is not long.
    const net::Deadline soon(std::chrono::milliseconds(1));
    progress_.wait(soon, [&](Depth depth) {
      if (!board_->place_taken(running.group.tag(), gone)) return true;
      if (depth == Depth::quick) return false;
      progress_.look_around();
      throw_if_broken(running);
      progress_.check_wait();
      return false;
    });
  }
}

void Collective::wait_for_notes(Running& running, std::uint64_t key) {
  running.first_missing = 0;
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (look_for_notes(running, key, Depth::quick)) {
    // All were there already: this was the last, or one of several that think so.
    progress_.reach()->shared()->wake(running.group.ranks);
    return;
  }
  progress_.wait(net::Deadline::none(), [&](Depth depth) { return look_for_notes(running, key, depth); });
}

bool Collective::look_for_notes(Running& running, std::uint64_t key, Depth depth) {
  const GroupRecord& group = running.group;
  const auto all_there = [&] {
    while (running.first_missing < group.ranks.size() && board_->there(group.ranks[running.first_missing], key)) ++running.first_missing;
    return running.first_missing == group.ranks.size();
  };
  if (all_there()) return true;
  if (depth == Depth::quick) return false;
  progress_.look_around();
  if (all_there()) return true;
  throw_if_broken(running);
  progress_.check_wait();
  for (const int gone : progress_.gone_ranks()) {
    if (!group.position_of(gone)) continue;
    if (all_there()) return true;  // it was the last to come, just now
    for (std::size_t position = running.first_missing; position < group.ranks.size(); ++position) {
      const int rank = group.ranks[position];
      if (board_->there(rank, key)) continue;
      if (rank == gone) throw Error(Errc::member_lost, progress_.fate_text(gone), gone);
      if (rank != rank_ && running.asked.emplace(rank, gone).second) groups_.ask(group, running.operation, rank, gone);
    }
  }
  return false;
}

bool Collective::use_notes(Running& running, std::uint64_t key, std::size_t bytes, const Use& use) {
  alignas(64) std::array<std::byte, net::max_note_bytes> note;
  for (int position = 0; position < running.group.size(); ++position) {
    const int rank = running.group.rank_at(position);
    const auto got = board_->read(rank, key, std::span(note).first(bytes));
    if (!got) return false;
    if (*got != bytes) throw_other_size(rank, *got, bytes);
    use(position, std::span(note).first(bytes));
  }
  return true;
}

}  // namespace zel::message
