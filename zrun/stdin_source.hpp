// Why: zrun reads its stdin only when the ranks have room for it and only while it may: a run in the
// background must not be stopped for reading the terminal.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace zel::zrun {

class StdinSource {
 public:
  /// `wanted`: false when no rank is to read. Nothing is read before the first credit.
  explicit StdinSource(bool wanted);

  /// Whether descriptor 0 should be watched for reading now. False for a terminal in the background.
  bool watch() const;
  /// A terminal in the background: ask again when the process is continued, or after a second.
  bool is_waiting_for_foreground() const;
  /// Reads what is there within the window. Empty and not ended: nothing for now.
  base::Bytes read();
  bool ended() const { return ended_; }

  /// The ranks have room for so much more.
  void add_credit(std::uint32_t bytes) { window_bytes_ += bytes; }
  /// The ranks want no more.
  void close() { ended_ = true; }

 private:
  bool in_background() const;

  bool is_terminal_;
  bool ended_;
  std::uint32_t window_bytes_ = 0;
};

}  // namespace zel::zrun
