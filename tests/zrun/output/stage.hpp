// Why: a transcript of the merger reads as what ranks print and when, and what is on the terminal then.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "zrun/output/merger.hpp"

namespace zel::zrun::output {

/// A merger, a clock in milliseconds, and everything that was written so far.
class Stage {
 public:
  explicit Stage(const MergerOptions& options) : merger_(options) {}

  Stage& at(int ms) {
    now_ = base::Time{} + std::chrono::milliseconds(ms);
    return *this;
  }
  /// Lets the timer run up to a moment, as an event loop would.
  Stage& run_to(int ms) {
    const base::Time end = base::Time{} + std::chrono::milliseconds(ms);
    while (merger_.next_deadline() <= end) {
      now_ = std::max(now_, merger_.next_deadline());
      merger_.on_timer(now_);
      EXPECT_GT(merger_.next_deadline(), now_) << "the timer would spin";
      if (merger_.next_deadline() <= now_) break;
    }
    now_ = end;
    return *this;
  }
  Stage& out(std::uint32_t rank, std::string_view text) { return data(rank, Stream::out, text); }
  Stage& err(std::uint32_t rank, std::string_view text) { return data(rank, Stream::err, text); }
  Stage& data(std::uint32_t rank, Stream stream, std::string_view text) {
    EXPECT_TRUE(merger_.on_data(rank, stream, base::as_bytes(text), now_));
    return *this;
  }
  Stage& end(std::uint32_t rank, Stream stream = Stream::out) {
    EXPECT_TRUE(merger_.on_end(rank, stream, now_));
    return *this;
  }
  Stage& end_all() {
    merger_.end_all(now_);
    return *this;
  }
  Stage& notice(std::string_view line) {
    merger_.on_notice(line, now_);
    return *this;
  }

  /// What was written since the last call: on a terminal in order, else the two sinks apart.
  std::string shown() {
    take();
    return std::exchange(both_, {});
  }
  std::string out_text() {
    take();
    return std::exchange(out_, {});
  }
  std::string err_text() {
    take();
    return std::exchange(err_, {});
  }
  Merger& merger() { return merger_; }
  base::Time now() const { return now_; }
  /// Milliseconds until the next deadline, or -1.
  long long due_in() const {
    if (merger_.next_deadline() == base::never) return -1;
    return std::chrono::duration_cast<std::chrono::milliseconds>(merger_.next_deadline() - now_).count();
  }

 private:
  void take() {
    for (const Write& write : merger_.take_writes()) {
      const std::string_view text = base::as_text(write.bytes);
      EXPECT_FALSE(text.empty());
      (write.sink == Sink::out ? out_ : err_) += text;
      both_ += text;
    }
  }

  Merger merger_;
  base::Time now_{};
  std::string out_, err_, both_;
};

}  // namespace zel::zrun::output
