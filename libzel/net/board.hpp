// Why: members of a group that share memory need no messages to show one another something small. Each pins a note
// up at its own place, all read all notes, and each rank runs once per operation however few the cores are.
//
//     pin: place free? key := 0; number, bytes, content; key (release)
//     read: key (acquire) is the operation's? copy; key still the same
//
// A rank has two places and uses them in turn. Who has pinned a note for an operation reads the others' notes until it
// is through with it, and says so (notes_done); before that no note it may read is replaced. Within one group that
// needs no look: whoever has pinned the next note is through with the one before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libzel/net/segment.hpp"

namespace zel::net {

class Board {
 public:
  Board(const Segment& segment, int rank) : segment_(&segment), rank_(rank) {}

  /// Names `operation` of the group with this tag (31 bits): the same for all members, never 0.
  static std::uint64_t key_of(int tag, std::uint64_t operation) {
    return (static_cast<std::uint64_t>(tag) << 33) | (operation % ((std::uint64_t{1} << 33) - 1) + 1);
  }

  /// Whether somebody may still read what lies where this group's next note would. `gone(rank)`: it will read nothing.
  template <class Gone>
  bool place_taken(int tag, Gone&& gone) const {
    const Place& place = places_[(number_ + 1) & 1];
    if (place.tag == tag && places_[number_ & 1].tag == tag) return false;
    for (const int rank : place.members) {
      if (rank != rank_ && may_read(rank, place.key) && !gone(rank)) return true;
    }
    return false;
  }
  /// Pins up this rank's note for `members`; at most max_note_bytes. Its place must be free.
  void pin(int tag, std::uint64_t operation, const std::vector<int>& members, std::span<const std::byte> content);
  /// Whether `rank`'s note for the operation is there.
  bool there(int rank, std::uint64_t key) const { return find(rank, key) != nullptr; }
  /// Copies it into `into` and tells its size, which may be more than was copied. Nothing if it is not there (any more).
  std::optional<std::size_t> read(int rank, std::uint64_t key, std::span<std::byte> into) const;
  /// This rank reads no more notes of the operation that its latest one was for.
  void done() { segment_->inbox(rank_).notes_done.store(number_, std::memory_order_release); }

 private:
  struct Place {
    int tag = -1;
    std::uint64_t key = 0;
    std::vector<int> members{};
  };

  const Note* find(int rank, std::uint64_t key) const;
  /// A note that was replaced belongs to an operation its owner is through with.
  bool may_read(int rank, std::uint64_t key) const;

  const Segment* segment_;
  int rank_;
  std::uint64_t number_ = 0;  // of the latest note
  Place places_[2];
};

}  // namespace zel::net
