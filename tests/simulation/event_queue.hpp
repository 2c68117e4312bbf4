// Why: a run is repeatable only if events at the same instant keep an order. A binary heap of small entries,
// ordered by time and then by when they were put in; what an event needs besides lies elsewhere.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace zel::simulation {

enum class EventKind : std::uint8_t { deliver, wake, unreachable, call };

struct Event {
  std::int64_t at_ns = 0;
  std::uint64_t order = 0;   // sequence and kind
  std::uint32_t node = 0;
  std::uint32_t item = 0;    // deliver: the flight; call: the call; unreachable: the peer

  EventKind kind() const { return static_cast<EventKind>(order & 0xff); }
};

class EventQueue {
 public:
  void push(std::int64_t at_ns, EventKind kind, std::uint32_t node, std::uint32_t item) {
    heap_.push_back({at_ns, (++sequence_ << 8) | static_cast<std::uint64_t>(kind), node, item});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later);
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  std::int64_t next_ns() const { return heap_.front().at_ns; }

 private:
  static bool later(const Event& a, const Event& b) {
    return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.order > b.order;
  }
  std::vector<Event> heap_;
  std::uint64_t sequence_ = 0;
};

}  // namespace zel::simulation
