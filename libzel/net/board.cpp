// Why: see board.hpp.
#include "libzel/net/board.hpp"

#include <algorithm>
#include <cstring>

namespace zel::net {

void Board::pin(int tag, std::uint64_t operation, const std::vector<int>& members, std::span<const std::byte> content) {
  ++number_;
  Place& place = places_[number_ & 1];
  if (place.tag != tag) place.members = members;
  place.tag = tag;
  place.key = key_of(tag, operation);
  Note& note = segment_->inbox(rank_).notes[number_ & 1];
  note.key.store(0, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  note.number.store(number_, std::memory_order_relaxed);
  note.bytes.store(static_cast<std::uint32_t>(content.size()), std::memory_order_relaxed);
  if (!content.empty()) std::memcpy(note.content, content.data(), content.size());
  note.key.store(place.key, std::memory_order_release);
}

const Note* Board::find(int rank, std::uint64_t key) const {
  const Note* notes = segment_->inbox(rank).notes;
  // Members of one group that do nothing else use their places in step.
  for (const std::uint64_t place : {number_ & 1, (number_ + 1) & 1}) {
    if (notes[place].key.load(std::memory_order_acquire) == key) return &notes[place];
  }
  return nullptr;
}

bool Board::may_read(int rank, std::uint64_t key) const {
  const Note* note = find(rank, key);
  return note && segment_->inbox(rank).notes_done.load(std::memory_order_acquire) < note->number.load(std::memory_order_relaxed);
}

std::optional<std::size_t> Board::read(int rank, std::uint64_t key, std::span<std::byte> into) const {
  const Note* note = find(rank, key);
  if (!note) return std::nullopt;
  const std::size_t bytes = note->bytes.load(std::memory_order_relaxed);
  const std::size_t copied = std::min({bytes, into.size(), max_note_bytes});
  if (copied != 0) std::memcpy(into.data(), note->content, copied);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (note->key.load(std::memory_order_relaxed) != key) return std::nullopt;
  return bytes;
}

}  // namespace zel::net
