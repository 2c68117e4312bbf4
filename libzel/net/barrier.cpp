// Why: see barrier.hpp.
#include "libzel/net/barrier.hpp"

namespace zel::net {

bool Barrier::arrive() {
  ++come_to_;
  const std::uint64_t before = segment_->control().barrier_arrivals.fetch_add(1, std::memory_order_acq_rel);
  segment_->inbox(rank_).barriers_come_to.store(come_to_, std::memory_order_release);
  return before + 1 == come_to_ * static_cast<std::uint64_t>(size_);
}

bool Barrier::complete() const {
  return segment_->control().barrier_arrivals.load(std::memory_order_acquire) >=
         come_to_ * static_cast<std::uint64_t>(size_);
}

bool Barrier::has_come(int rank, bool next) const {
  return segment_->inbox(rank).barriers_come_to.load(std::memory_order_acquire) >= come_to_ + (next ? 1 : 0);
}

}  // namespace zel::net
