// Why: see ring_reader.hpp.
#include "libzel/net/ring_reader.hpp"

#include <atomic>
#include <cstring>
#include <utility>

namespace zel::net {

Reader::Look RingReader::look(Record& record) {
  for (;;) {
    auto* word = reinterpret_cast<std::uint32_t*>(ring_.records + offset_of(read_to_));
    const std::uint32_t stamp = std::atomic_ref<std::uint32_t>(*word).load(std::memory_order_acquire);
    if (stamp == 0) return Look::empty;
    if (damaged_ || stamp != stamp_at(read_to_)) break;
    const Look found = parse(record);
    if (found == Look::damaged) break;
    if (record.kind != RecordKind::skip) return found;
    if (offset_of(read_to_) == 0) break;  // a writer never skips a whole ring
    if (advance(ring_bytes - offset_of(read_to_))) owes_wake_ = true;
  }
  damaged_ = true;
  return Look::damaged;
}

Reader::Look RingReader::parse(Record& record) {
  const std::uint64_t offset = offset_of(read_to_);
  const std::byte* start = ring_.records + offset;
  RecordHeader header;
  std::memcpy(&header, start, sizeof header);
  if (header.kind < RecordKind::skip || header.kind > RecordKind::abandon) return Look::damaged;
  if (header.payload_bytes > max_payload_bytes) return Look::damaged;
  const std::uint64_t bytes = record_bytes(header.kind, header.payload_bytes);
  if (offset + bytes > ring_bytes) return Look::damaged;
  record.kind = header.kind;
  record.context = header.context;
  record.tag = header.tag;
  record.payload = {start + header_bytes(header.kind), header.payload_bytes};
  record.total_bytes = header.kind == RecordKind::whole ? header.payload_bytes : 0;
  if (header.kind == RecordKind::first) {
    std::memcpy(&record.total_bytes, start + sizeof header, sizeof record.total_bytes);
  }
  record_bytes_ = bytes;
  return Look::record;
}

bool RingReader::advance(std::uint64_t bytes) {
  read_to_ += bytes;
  ring_.header->read_to.store(read_to_, std::memory_order_release);
  if (read_to_ - asked_at_ < ring_bytes / 4) return false;
  asked_at_ = read_to_;
  // Pairs with the fence in RingWriter::ask_for_room.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (ring_.header->writer_waits.load(std::memory_order_relaxed) == 0) return false;
  ring_.header->writer_waits.store(0, std::memory_order_relaxed);
  return true;
}

bool RingReader::pop() {
  const bool made_room = advance(record_bytes_);
  return std::exchange(owes_wake_, false) || made_room;
}

}  // namespace zel::net
