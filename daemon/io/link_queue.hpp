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

/// First in, first out. `total_bytes` is what all queues of a node hold together.
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
    if (bytes_ + size > limit || total_bytes_ + size > limits_.all_queued_bytes) {
      return may_drop ? Put::dropped : Put::overflowed;
    }
    bytes_ += size;
    total_bytes_ += size;
    items_.push_back({std::move(payload), delivery});
    return Put::taken;
  }
  bool empty() const { return items_.empty(); }
  std::size_t bytes() const { return bytes_; }
  base::ByteView front() const { return items_.front().payload; }
  void pop() { account(take()); }
  /// Moves the first item out. Not when empty.
  std::pair<base::Bytes, Delivery> take_front() {
    Item item = take();
    account(item);
    return {std::move(item.payload), item.delivery};
  }
  void clear() {
    total_bytes_ -= bytes_;
    bytes_ = 0;
    items_.clear();
  }

 private:
  struct Item {
    base::Bytes payload;
    Delivery delivery;
  };
  static constexpr std::size_t overhead_bytes = 64;  // an empty message costs memory too

  Item take() {
    Item item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  void account(const Item& item) {
    bytes_ -= item.payload.size() + overhead_bytes;
    total_bytes_ -= item.payload.size() + overhead_bytes;
  }

  const LinkLimits& limits_;
  std::size_t& total_bytes_;
  std::deque<Item> items_;
  std::size_t bytes_ = 0;
};

}  // namespace zel::io
