// Why: see transport.hpp.
#include "libzel/net/transport.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <string>
#include <utility>

namespace zel::net {

base::Result<std::unique_ptr<Transport>> Transport::open(int fd, std::uint64_t segment_bytes, int rank,
                                                         const std::vector<int>& here) {
  if (here.back() >= static_cast<int>(max_local_members)) {
    return base::fail(base::Errc::limit_reached, "ranks that message one another on one host must be below " +
                                                     std::to_string(max_local_members) + "; one here is rank " +
                                                     std::to_string(here.back()));
  }
  auto segment = Segment::map(fd, segment_bytes);
  if (!segment) return tl::unexpected(segment.error());
  return std::unique_ptr<Transport>(new Transport(std::move(*segment), rank, here));
}

Transport::Transport(Segment segment, int rank, const std::vector<int>& here)
    : segment_(std::move(segment)), rank_(rank), inbox_(&segment_.inbox(rank)), others_(here) {
  std::erase(others_, rank);
  const auto ranks = static_cast<std::size_t>(here.back()) + 1;
  writers_.resize(ranks);
  readers_.resize(ranks);
  expected_.resize(ranks, 0);
  for (const int other : others_) expected_[static_cast<std::size_t>(other)] = 1;
}

void Transport::wake(const std::vector<int>& ranks) {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (const int rank : ranks) {
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

void Transport::find_newcomers(std::vector<Reader*>& found, std::vector<int>& damaged) {
  inbox_->newcomers.exchange(0, std::memory_order_acq_rel);
  const std::size_t words = (expected_.size() + 63) / 64;
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t bits = inbox_->announced[word].exchange(0, std::memory_order_acq_rel);
    for (; bits != 0; bits &= bits - 1) {
      const std::size_t from = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      if (from >= expected_.size() || !expected_[from]) continue;
      if (RingReader* reader = add_reader(static_cast<int>(from))) found.push_back(reader);
      else damaged.push_back(static_cast<int>(from));
    }
  }
}

RingReader* Transport::add_reader(int from) {
  const auto index = static_cast<std::size_t>(from);
  const std::uint32_t number = inbox_->ring_from[index].load(std::memory_order_acquire);
  const auto ring = number == 0 ? std::nullopt : segment_.ring(number - 1);
  if (!ring || ring->header->owners.load(std::memory_order_relaxed) != owners_of(from, rank_)) return nullptr;
  readers_[index] = std::make_unique<RingReader>(*ring, from);
  expected_[index] = 0;
  return readers_[index].get();
}

void Transport::retire(int from) { readers_[static_cast<std::size_t>(from)].reset(); }

}  // namespace zel::net
