// Why: a rank is reached through shared memory or through nodes. Whoever sends, receives and matches must not
// care which, so both are a writer and a reader of records. Order is kept, nothing is lost while both live.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "libzel/net/record.hpp"

namespace zel::net {

/// The way to one rank.
class Writer {
 public:
  enum class Outcome {
    written,
    full,
    damaged,      // the other end wrote nonsense
    unreachable,  // this rank's node is gone
  };

  Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  virtual ~Writer() = default;
  /// Sends one record, of at most max_payload() bytes, if there is room.
  virtual Outcome write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                        std::span<const std::byte> payload) = 0;
  /// Asks that this rank's doorbell be rung when there is room. Try to write once more after it.
  virtual void ask_for_room() = 0;
  virtual std::size_t max_payload() const = 0;
};

/// The way from one rank.
class Reader {
 public:
  enum class Look { empty, record, damaged };

  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  virtual ~Reader() = default;
  virtual int from() const = 0;
  /// The next record, if a complete one is there; its payload stays until pop().
  virtual Look look(Record& record) = 0;
  /// Gives the room of the record last looked at back. True when the sender's doorbell must be rung.
  virtual bool pop() = 0;
  /// Its sender is gone; whether all it sent is here.
  virtual bool finished() { return true; }
  /// Takes nothing more from it.
  virtual void refuse() = 0;
};

}  // namespace zel::net
