// Why: one rank's end of the shared memory: its rings to others, made when first used, the rings others made
// to it, and the doorbells.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.hpp"
#include "libzel/net/doorbell.hpp"
#include "libzel/net/ring_reader.hpp"
#include "libzel/net/ring_writer.hpp"
#include "libzel/net/segment.hpp"

namespace zel::net {

class Transport {
 public:
  /// `rank` of `size` ranks, all on this host. Fails when the segment cannot be used.
  static base::Result<std::unique_ptr<Transport>> open(int fd, std::uint64_t segment_bytes, int rank, int size);

  const Segment& segment() const { return segment_; }
  /// This rank's own.
  Doorbell doorbell() const { return Doorbell(inbox_->doorbell); }
  /// Tells `rank` that something it may wait for has changed.
  void ring(int rank) { Doorbell(segment_.inbox(rank).doorbell).ring(); }
  /// Wakes whoever sleeps, after a change that those awake see for themselves.
  void wake_others();

  /// The ring to `to`, made at the first call. Fails with limit_reached when the segment is used up.
  base::Result<RingWriter*> writer(int to) {
    if (RingWriter* known = writers_[static_cast<std::size_t>(to)].get()) return known;
    return make_writer(to);
  }

  /// The ring from `from`, or null while it has sent nothing.
  RingReader* reader(int from) const { return reader_from_[static_cast<std::size_t>(from)]; }
  const std::vector<std::unique_ptr<RingReader>>& readers() const { return readers_; }
  /// Learns of new rings to this rank. One load when there are none. A sender whose announcement is
  /// nonsense is appended to `damaged`.
  void accept_newcomers(std::vector<int>& damaged) {
    if (inbox_->newcomers.load(std::memory_order_relaxed) != 0) find_newcomers(damaged);
  }
  /// Forgets the ring from a rank that is gone.
  void retire(int from);

 private:
  Transport(Segment segment, int rank, int size);
  base::Result<RingWriter*> make_writer(int to);
  void find_newcomers(std::vector<int>& damaged);
  bool add_reader(int from);

  Segment segment_;
  int rank_;
  int size_;
  Inbox* inbox_;
  std::vector<std::unique_ptr<RingWriter>> writers_;   // by receiver
  std::vector<std::unique_ptr<RingReader>> readers_;   // in the order they were found
  std::vector<RingReader*> reader_from_;               // by sender
};

}  // namespace zel::net
