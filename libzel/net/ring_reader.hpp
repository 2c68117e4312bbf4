// Why: the receiving half of a ring. The memory belongs to another process too, so whatever is read from it
// is copied once, checked, and then used.
#pragma once

#include <cstddef>
#include <cstdint>

#include "libzel/net/path.hpp"
#include "libzel/net/record.hpp"
#include "libzel/net/segment.hpp"

namespace zel::net {

class RingReader final : public Reader {
 public:
  RingReader(Ring ring, int from) : ring_(ring), from_(from) {}

  int from() const override { return from_; }
  /// The next record, if a complete one is there; its payload stays until pop(). Once damaged, always so.
  Look look(Record& record) override;
  /// What comes from now on counts as damaged.
  void refuse() override { damaged_ = true; }
  /// Gives the room of the record last looked at back. True when the writer waits for room and must be told.
  /// O(1); the writer is asked for its wishes once per quarter of a ring. That suffices: whoever waits wants
  /// at most a record and the ring's rest, together under a half, and is told again later.
  bool pop() override;

 private:
  Look parse(Record& record);
  bool advance(std::uint64_t bytes);

  Ring ring_;
  int from_;
  bool damaged_ = false;
  bool owes_wake_ = false;  // skipping a ring's rest made room that the writer waits for
  std::uint64_t read_to_ = 0;
  std::uint64_t asked_at_ = 0;
  std::uint64_t record_bytes_ = 0;
};

}  // namespace zel::net
