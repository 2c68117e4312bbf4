// Why: ranks that share a segment share nothing else, so where everything lies in it is said in one place.
// All of it is valid when zero: the node hands out a zero-filled memfd, and a rank can be sent to before it
// has mapped anything. docs/protocol/segment.md is the prose.
//
//     Control | Inbox of rank 0, 1, … max_local_members-1 | ring 0, 1, 2, …  (made when first needed)
//
// Each atomic has one kind of writer: the owner of the inbox, or the one sender, or (rings_made,
// barrier_arrivals, announced, doorbell) anybody, by one indivisible operation. Hence no process can die
// half way through a change that others wait for.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace zel::net {

inline constexpr std::size_t line_bytes = 64;
inline constexpr std::size_t page_bytes = 4096;
inline constexpr std::uint32_t max_local_members = 4096;
/// Room for records in one ring; a power of two.
inline constexpr std::uint64_t ring_bytes = 128 * 1024;
/// The largest record: small enough that a wait for room always ends (see RingReader::pop).
inline constexpr std::uint64_t max_record_bytes = ring_bytes / 8;
/// Names this layout; another version of it must have another number.
inline constexpr std::uint64_t segment_format = 0x7a656c'0002;

struct Control {
  alignas(line_bytes) std::atomic<std::uint64_t> format;
  alignas(line_bytes) std::atomic<std::uint64_t> rings_made;
  alignas(line_bytes) std::atomic<std::uint64_t> barrier_arrivals;
};

/// What one member shows all others of a group: read where it lies, by everybody (board.hpp).
struct Note {
  alignas(line_bytes) std::atomic<std::uint64_t> key;  // of which operation; 0: being written
  std::atomic<std::uint64_t> number;                   // counts all notes of its owner
  std::atomic<std::uint32_t> bytes;
  alignas(16) std::byte content[992];
};
inline constexpr std::size_t max_note_bytes = sizeof(Note::content);

/// What others may do to one rank: tell it that something came, and announce a new ring. And what it shows them.
struct Inbox {
  alignas(line_bytes) std::atomic<std::uint32_t> doorbell;
  std::atomic<std::uint32_t> newcomers;  // some bit of `announced` was set
  /// How many barriers the owner has come to; tells whether a rank that is gone came to this one.
  alignas(line_bytes) std::atomic<std::uint64_t> barriers_come_to;
  alignas(line_bytes) std::atomic<std::uint64_t> announced[max_local_members / 64];  // a bit per sender
  alignas(line_bytes) std::atomic<std::uint32_t> ring_from[max_local_members];       // ring number + 1
  Note notes[2];
  /// The number of the owner's latest note whose operation it is through with.
  alignas(line_bytes) std::atomic<std::uint64_t> notes_done;
};

/// The head of a ring; `ring_bytes` of records follow it.
struct RingHeader {
  /// How far the receiver has read; written by the receiver only.
  alignas(line_bytes) std::atomic<std::uint64_t> read_to;
  /// Written by the sender only, but for the receiver putting `writer_waits` back to 0.
  alignas(line_bytes) std::atomic<std::uint64_t> owners;
  std::atomic<std::uint32_t> writer_waits;
};

static_assert(std::atomic<std::uint32_t>::is_always_lock_free && sizeof(std::atomic<std::uint32_t>) == 4);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free && sizeof(std::atomic<std::uint64_t>) == 8);

constexpr std::uint64_t whole_pages(std::uint64_t bytes) {
  return (bytes + page_bytes - 1) / page_bytes * page_bytes;
}
inline constexpr std::uint64_t inbox_stride = whole_pages(sizeof(Inbox));
inline constexpr std::uint64_t ring_stride = whole_pages(sizeof(RingHeader) + ring_bytes);
inline constexpr std::uint64_t inboxes_at = page_bytes;
inline constexpr std::uint64_t rings_at = inboxes_at + inbox_stride * max_local_members;

/// A segment of this (sparse) size has a ring for every pair of so many ranks.
constexpr std::uint64_t segment_bytes_for(std::uint64_t ranks) {
  return rings_at + ring_stride * (ranks * (ranks - (ranks > 0 ? 1 : 0)));
}
static_assert(sizeof(Control) <= page_bytes);
static_assert(sizeof(Note) == 1024);
static_assert(segment_bytes_for(2) == rings_at + 2 * ring_stride);

/// Which pair a ring belongs to, never 0.
constexpr std::uint64_t owners_of(int from, int to) {
  return (std::uint64_t{1} << 63) | (static_cast<std::uint64_t>(from) << 32) | static_cast<std::uint64_t>(to);
}

}  // namespace zel::net
