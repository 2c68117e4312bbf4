// Why: the ranks of one host need no messages for a barrier. One counter of all arrivals ever is enough:
// barrier k (1, 2, …) is complete when it has reached k × size. It never has to be put back, so nobody can
// die while putting it back; and each rank runs once per barrier however few the cores are.
#pragma once

#include <cstdint>

#include "libzel/net/segment.hpp"

namespace zel::net {

class Barrier {
 public:
  Barrier(const Segment& segment, int rank, int size) : segment_(&segment), rank_(rank), size_(size) {}

  /// Comes to the next barrier. True when this rank was the last: the others must be woken.
  bool arrive();
  /// Whether all have come to the barrier that this rank came to last.
  bool complete() const;
  /// Whether `rank` has come to it, or to the one this rank would come to next (`next`). For ranks that are
  /// gone: one that died while arriving counts as not come.
  bool has_come(int rank, bool next) const;

 private:
  const Segment* segment_;
  int rank_;
  int size_;
  std::uint64_t come_to_ = 0;
};

}  // namespace zel::net
