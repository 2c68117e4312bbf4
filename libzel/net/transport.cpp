// Why: see transport.hpp.
#include "libzel/net/transport.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <string>
#include <utility>

namespace zel::net {

base::Result<std::unique_ptr<Transport>> Transport::open(int fd, std::uint64_t segment_bytes, int rank, int size) {
  if (size > static_cast<int>(max_local_members)) {
    return base::fail(base::Errc::limit_reached, "a host can hold " + std::to_string(max_local_members) +
                                                     " ranks of one job that message one another, not " +
                                                     std::to_string(size));
  }
  auto segment = Segment::map(fd, segment_bytes);
  if (!segment) return tl::unexpected(segment.error());
  return std::unique_ptr<Transport>(new Transport(std::move(*segment), rank, size));
}

Transport::Transport(Segment segment, int rank, int size)
    : segment_(std::move(segment)),
      rank_(rank),
      size_(size),
      inbox_(&segment_.inbox(rank)),
      writers_(static_cast<std::size_t>(size)),
      reader_from_(static_cast<std::size_t>(size), nullptr) {}

void Transport::wake_others() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (int rank = 0; rank < size_; ++rank) {
    if (rank != rank_) Doorbell(segment_.inbox(rank).doorbell).wake_sleeper();
  }
}

base::Result<RingWriter*> Transport::make_writer(int to) {
  Inbox& inbox = segment_.inbox(to);
  const auto from = static_cast<std::size_t>(rank_);
  if (inbox.ring_from[from].load(std::memory_order_relaxed) != 0) {
    return base::fail(base::Errc::bad_message, "another process is or was rank " + std::to_string(rank_) +
                                                   " of this job: start each rank once");
  }
  const auto number = segment_.make_ring();
  const auto ring = number ? segment_.ring(*number) : std::nullopt;
  if (!ring) {
    return base::fail(base::Errc::limit_reached, "the job's shared memory has no room for one more pair of ranks that "
                                                 "message one another: send through fewer pairs");
  }
  ring->header->owners.store(owners_of(rank_, to), std::memory_order_relaxed);
  inbox.ring_from[from].store(*number + 1, std::memory_order_release);
  inbox.announced[from / 64].fetch_or(std::uint64_t{1} << (from % 64), std::memory_order_release);
  inbox.newcomers.store(1, std::memory_order_release);
  auto& writer = writers_[static_cast<std::size_t>(to)];
  writer = std::make_unique<RingWriter>(*ring);
  return writer.get();
}

void Transport::find_newcomers(std::vector<int>& damaged) {
  inbox_->newcomers.exchange(0, std::memory_order_acq_rel);
  const std::size_t words = (static_cast<std::size_t>(size_) + 63) / 64;
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t bits = inbox_->announced[word].exchange(0, std::memory_order_acq_rel);
    for (; bits != 0; bits &= bits - 1) {
      const int from = static_cast<int>(word) * 64 + std::countr_zero(bits);
      if (from < size_ && from != rank_ && !reader(from) && !add_reader(from)) damaged.push_back(from);
    }
  }
}

bool Transport::add_reader(int from) {
  const std::uint32_t number = inbox_->ring_from[static_cast<std::size_t>(from)].load(std::memory_order_acquire);
  const auto ring = number == 0 ? std::nullopt : segment_.ring(number - 1);
  if (!ring || ring->header->owners.load(std::memory_order_relaxed) != owners_of(from, rank_)) return false;
  readers_.push_back(std::make_unique<RingReader>(*ring, from));
  reader_from_[static_cast<std::size_t>(from)] = readers_.back().get();
  return true;
}

void Transport::retire(int from) {
  reader_from_[static_cast<std::size_t>(from)] = nullptr;
  std::erase_if(readers_, [from](const auto& reader) { return reader->from() == from; });
}

}  // namespace zel::net
