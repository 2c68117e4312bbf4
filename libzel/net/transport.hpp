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
  /// `rank` of the job, on one host with `here` (ascending, itself among them). Fails when the segment cannot
  /// be used.
  static base::Result<std::unique_ptr<Transport>> open(int fd, std::uint64_t segment_bytes, int rank,
                                                       const std::vector<int>& here);

  const Segment& segment() const { return segment_; }
  /// This rank's own.
  Doorbell doorbell() const { return Doorbell(inbox_->doorbell); }
  /// Tells `rank` that something it may wait for has changed.
  void ring(int rank) { Doorbell(segment_.inbox(rank).doorbell).ring(); }
  /// Wakes whoever sleeps, after a change that those awake see for themselves.
  void wake_others() { wake(others_); }
  /// The same of these; itself is left out.
  void wake(const std::vector<int>& ranks);

  /// Makes the ring to `to`; once. Fails with limit_reached when the segment is used up.
  base::Result<RingWriter*> make_writer(int to);
  /// Learns of new rings to this rank and appends them to `found`. One load when there are none. A sender
  /// whose announcement is nonsense is appended to `damaged`.
  void accept_newcomers(std::vector<Reader*>& found, std::vector<int>& damaged) {
    if (inbox_->newcomers.load(std::memory_order_relaxed) != 0) find_newcomers(found, damaged);
  }
  /// Forgets the ring from a rank that is gone.
  void retire(int from);

 private:
  Transport(Segment segment, int rank, const std::vector<int>& here);
  void find_newcomers(std::vector<Reader*>& found, std::vector<int>& damaged);
  RingReader* add_reader(int from);

  Segment segment_;
  int rank_;
  Inbox* inbox_;
  std::vector<int> others_;                           // on this host
  std::vector<std::unique_ptr<RingWriter>> writers_;  // by receiver
  std::vector<std::unique_ptr<RingReader>> readers_;  // by sender; made once
  std::vector<std::uint8_t> expected_;                // by sender: may announce a ring
};

}  // namespace zel::net
