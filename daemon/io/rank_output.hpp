// Why: a rank's stdout or stderr on its way to the launcher. It is read only as fast as the launcher writes,
// so that a program that prints more than its reader takes is slowed down, and no memory grows.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.hpp"
#include "base/unique_fd.hpp"
#include "daemon/io/event_loop.hpp"

namespace zel::io {

class RankOutput {
 public:
  using OnData = std::function<void(base::ByteView)>;
  using OnEnd = std::function<void()>;

  /// `pipe` is the reading end. At most `window_bytes` are passed on and not yet credited.
  RankOutput(EventLoop& loop, base::UniqueFd pipe, std::uint32_t window_bytes, OnData on_data, OnEnd on_end);

  /// The launcher has written this much.
  void add_credit(std::uint32_t bytes);
  /// Passes on what is in the pipe now, as far as credit allows, then ends. For pipes that a process outside
  /// the job's tree holds open.
  void finish();
  bool ended() const { return !pipe_; }

 private:
  void read_once();
  void end();

  base::UniqueFd pipe_;
  std::uint32_t credit_;
  OnData on_data_;
  OnEnd on_end_;
  bool finishing_ = false;
  std::unique_ptr<FdWatch> watch_;
};

}  // namespace zel::io
