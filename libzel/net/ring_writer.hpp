// Why: the sending half of the ring between two ranks. It has one writer and one reader, so that a process
// killed at any instruction leaves either a complete record or none, and disturbs nobody else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libzel/net/path.hpp"
#include "libzel/net/record.hpp"
#include "libzel/net/segment.hpp"

namespace zel::net {

class RingWriter final : public Writer {
 public:
  explicit RingWriter(Ring ring) : ring_(ring) {}

  /// Appends one record; `payload` is at most max_payload_bytes.
  Outcome write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                std::span<const std::byte> payload) override;
  /// Asks the reader to ring this writer's doorbell when it has made room.
  void ask_for_room() override;
  std::size_t max_payload() const override { return max_payload_bytes; }

 private:
  static constexpr std::uint64_t rewind_after_bytes = page_bytes - sizeof(RingHeader);
  static constexpr std::uint64_t clear_ahead_bytes = 16 * line_bytes;

  Outcome make_room(std::uint64_t bytes);
  bool look_at_reader();
  bool idle_past_first_page();
  void clear_after(std::uint64_t end);
  void stamp(std::uint64_t position, std::uint32_t value, std::memory_order order);

  Ring ring_;
  std::uint64_t written_to_ = 0;      // where the next record goes
  std::uint64_t skip_at_ = no_skip;   // a skip record to be stamped with the next record
  std::uint64_t read_to_ = 0;         // the reader was at least here
  std::uint64_t cleared_to_ = 0;      // lines from written_to_ to here carry no stamp
  std::uint64_t rewind_check_at_ = rewind_after_bytes;
  static constexpr std::uint64_t no_skip = ~std::uint64_t{0};
};

}  // namespace zel::net
