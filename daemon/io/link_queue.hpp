// Why: what waits for a link, or for room on it, is bounded, and what happens at the bound depends on what it
// is: gossip is dropped, a job's message must not be.
#pragma once

#include <deque>

#include "base/bytes.hpp"
#include "daemon/io/link_setup.hpp"

namespace zel::io {

enum class Delivery : std::uint8_t {
  may_drop,     // whoever sent it repeats itself
  must_arrive,  // arrives, in order, or the peer is told to be unreachable
};

/// Two lanes, each first in, first out. What may be dropped goes first: it is little, and a probe that waits behind a
/// job's data makes a living node look dead. `total_bytes` is what all queues of a node hold together.
class LinkQueue {
 public:
  enum class Put : std::uint8_t { taken, dropped, overflowed };

  LinkQueue(const LinkLimits& limits, std::size_t& total_bytes)
      : limits_(limits), total_bytes_(total_bytes) {}
  ~LinkQueue() { clear(); }
  LinkQueue(const LinkQueue&) = delete;
  LinkQueue& operator=(const LinkQueue&) = delete;

  Put put(base::Bytes payload, Delivery delivery) {
    const std::size_t size = payload.size() + overhead_bytes;
    const bool may_drop = delivery == Delivery::may_drop;
    const std::size_t limit = may_drop ? limits_.may_drop_bytes : limits_.must_arrive_bytes;
    Lane& lane = may_drop ? first_ : second_;
    // The limit of all is for the bulk: what probes need is beside it nothing.
    if (lane.bytes + size > limit || (!may_drop && total_bytes_ + size > limits_.all_queued_bytes)) {
      return may_drop ? Put::dropped : Put::overflowed;
    }
    lane.bytes += size;
    total_bytes_ += size;
    lane.payloads.push_back(std::move(payload));
    return Put::taken;
  }
  bool empty() const { return first_.payloads.empty() && second_.payloads.empty(); }
  std::size_t bytes() const { return first_.bytes + second_.bytes; }
  base::ByteView front() const { return first_.payloads.empty() ? second_.payloads.front() : first_.payloads.front(); }
  void pop() { take_front(); }
  /// Moves the first item out. Not when empty.
  std::pair<base::Bytes, Delivery> take_front() {
    const Delivery delivery = first_.payloads.empty() ? Delivery::must_arrive : Delivery::may_drop;
    Lane& lane = first_.payloads.empty() ? second_ : first_;
    base::Bytes payload = std::move(lane.payloads.front());
    lane.payloads.pop_front();
    lane.bytes -= payload.size() + overhead_bytes;
    total_bytes_ -= payload.size() + overhead_bytes;
    return {std::move(payload), delivery};
  }
  void clear() {
    total_bytes_ -= bytes();
    first_ = {};
    second_ = {};
  }

 private:
  struct Lane {
    std::deque<base::Bytes> payloads{};
    std::size_t bytes = 0;
  };
  static constexpr std::size_t overhead_bytes = 64;  // an empty message costs memory too

  const LinkLimits& limits_;
  std::size_t& total_bytes_;
  Lane first_, second_;
};

}  // namespace zel::io
