// Why: see ring_writer.hpp.
#include "libzel/net/ring_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace zel::net {

void RingWriter::stamp(std::uint64_t position, std::uint32_t value, std::memory_order order) {
  auto* word = reinterpret_cast<std::uint32_t*>(ring_.records + offset_of(position));
  std::atomic_ref<std::uint32_t>(*word).store(value, order);
}

/// False when the reader claims a place it cannot have reached.
bool RingWriter::look_at_reader() {
  const std::uint64_t seen = ring_.header->read_to.load(std::memory_order_acquire);
  if (seen < read_to_ || seen > written_to_ || seen % line_bytes != 0) return false;
  read_to_ = seen;
  return true;
}

/// A ring that is empty now and then goes back to its start, so that the many rings of a large job touch one
/// page each and stay in the cache.
bool RingWriter::idle_past_first_page() {
  if (written_to_ < rewind_check_at_) return false;
  rewind_check_at_ = written_to_ + rewind_after_bytes;
  return offset_of(written_to_) >= rewind_after_bytes && look_at_reader() && read_to_ == written_to_;
}

Writer::Outcome RingWriter::make_room(std::uint64_t bytes) {
  const std::uint64_t offset = offset_of(written_to_);
  const std::uint64_t rest = ring_bytes - offset;
  const bool rewind_fits = rest + bytes + line_bytes <= ring_bytes;
  const bool skip = offset != 0 && (rest < bytes || (rewind_fits && idle_past_first_page()));
  // One line stays free: the cleared line behind the last record.
  const std::uint64_t needed = (skip ? rest : 0) + bytes + line_bytes;
  if (written_to_ + needed > read_to_ + ring_bytes) {
    if (!look_at_reader()) return Outcome::damaged;
    if (written_to_ + needed > read_to_ + ring_bytes) return Outcome::full;
  }
  if (skip) {
    skip_at_ = written_to_;
    written_to_ += rest;
    rewind_check_at_ = written_to_ + rewind_after_bytes;
  }
  return Outcome::written;
}

/// Clears several lines at once: a line just handed back by the reader is dear to touch, and a batch
/// overlaps the waiting.
void RingWriter::clear_after(std::uint64_t end) {
  if (cleared_to_ > end) return;
  const std::uint64_t lap_end = (end / ring_bytes + 1) * ring_bytes;
  const std::uint64_t to = std::min({end + clear_ahead_bytes, read_to_ + ring_bytes, lap_end});
  for (std::uint64_t at = end; at < to; at += line_bytes) stamp(at, 0, std::memory_order_relaxed);
  cleared_to_ = to;
}

Writer::Outcome RingWriter::write(RecordKind kind, std::uint8_t context, std::uint32_t tag,
                                      std::uint64_t total_bytes, std::span<const std::byte> payload) {
  const std::uint64_t bytes = record_bytes(kind, payload.size());
  if (const Outcome room = make_room(bytes); room != Outcome::written) return room;
  clear_after(written_to_ + bytes);

  std::byte* start = ring_.records + offset_of(written_to_);
  const RecordHeader header{0, static_cast<std::uint32_t>(payload.size()), tag, kind, context, 0};
  std::memcpy(start + sizeof header.stamp, reinterpret_cast<const std::byte*>(&header) + sizeof header.stamp,
              sizeof header - sizeof header.stamp);
  if (kind == RecordKind::first) std::memcpy(start + sizeof header, &total_bytes, sizeof total_bytes);
  if (!payload.empty()) std::memcpy(start + header_bytes(kind), payload.data(), payload.size());
  stamp(written_to_, stamp_at(written_to_), std::memory_order_release);
  written_to_ += bytes;

  if (skip_at_ != no_skip) {
    const RecordHeader skip{0, 0, 0, RecordKind::skip, 0, 0};
    std::memcpy(ring_.records + offset_of(skip_at_) + sizeof skip.stamp,
                reinterpret_cast<const std::byte*>(&skip) + sizeof skip.stamp, sizeof skip - sizeof skip.stamp);
    stamp(skip_at_, stamp_at(skip_at_), std::memory_order_release);
    skip_at_ = no_skip;
  }
  return Outcome::written;
}

void RingWriter::ask_for_room() {
  ring_.header->writer_waits.store(1, std::memory_order_relaxed);
  // Pairs with the fence in RingReader::pop: either the reader sees the wish, or we see the room.
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace zel::net
