// Why: jobs are few and what happens to them is of many kinds, so each event is simply a call. Calls at one
// instant keep the order in which they were put in: a run is repeatable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace zel::simulation::jobs {

inline constexpr std::int64_t ms_ns = 1'000'000;
inline constexpr std::int64_t s_ns = 1'000'000'000;

class Clock {
 public:
  using Call = std::function<void()>;

  std::int64_t now_ns() const { return now_ns_; }
  double now_s() const { return static_cast<double>(now_ns_) * 1e-9; }
  std::uint64_t events() const { return events_; }

  void at(std::int64_t ns, Call call) {
    heap_.push_back({std::max(ns, now_ns_), ++sequence_, std::move(call)});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  void after(std::int64_t delay_ns, Call call) { at(now_ns_ + delay_ns, std::move(call)); }
  void run_until(std::int64_t ns) {
    while (!heap_.empty() && heap_.front().at_ns <= ns) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      const Entry entry = std::move(heap_.back());
      heap_.pop_back();
      now_ns_ = entry.at_ns;
      ++events_;
      entry.call();
    }
    now_ns_ = ns;
  }

 private:
  struct Entry {
    std::int64_t at_ns;
    std::uint64_t order;
    Call call;
  };
  static bool later(const Entry& a, const Entry& b) {
    return a.at_ns != b.at_ns ? a.at_ns > b.at_ns : a.order > b.order;
  }
  std::vector<Entry> heap_;
  std::int64_t now_ns_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace zel::simulation::jobs
