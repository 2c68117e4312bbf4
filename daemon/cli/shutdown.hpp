// Why: a node goes in steps, each with a deadline, and whoever asks a second time does not want to wait.
//
//     running ─ asked ─▶ ending (ranks have SIGTERM) ─ grace over, or asked again ─▶ killing ─ time over ─▶ gone
//     ending, killing ─ no job and no launcher left ─▶ gone
#pragma once

#include <functional>
#include <string>

#include "daemon/io/event_loop.hpp"

namespace zel::cli {

class Shutdown {
 public:
  static constexpr auto grace = std::chrono::seconds(5);
  static constexpr auto last_patience = std::chrono::seconds(10);

  struct Steps {
    std::function<void(const std::string& why)> end_jobs;  // no new ones; ranks are told, with grace
    std::function<void()> kill_jobs;
    std::function<bool()> is_idle;
    std::function<void()> gone;  // once
  };

  Shutdown(io::EventLoop& loop, Steps steps);
  void ask(const std::string& why);
  /// The last launcher has gone and its job is over.
  void on_idle();

 private:
  enum class Phase { running, ending, killing, gone };
  void kill();
  void finish();

  io::EventLoop& loop_;
  Steps steps_;
  Phase phase_ = Phase::running;
  io::Timer deadline_;
};

}  // namespace zel::cli
