// Why: news about nodes travels on messages that are sent anyway, each piece a bounded number of times by
// each node: enough to reach everyone (SWIM, section 4.1), and then it stops. What was passed on least goes
// first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wire/overlay.hpp"

namespace zel::overlay {

class Rumours {
 public:
  static constexpr std::size_t capacity = 64;

  /// To be passed on `passes` times. Takes the place of an earlier rumour about the same node. When there are
  /// too many, the one passed on most goes.
  void add(wire::overlay::Rumour rumour, std::uint32_t passes);
  /// Appends at most `most` to a message's rumours, each counted as passed on once.
  void take(std::size_t most, std::vector<wire::overlay::Rumour>& out);
  std::size_t size() const { return entries_.size(); }
  /// How often the one to be passed on next was passed on; none: a large number.
  std::uint32_t fewest_passes() const;

 private:
  struct Entry {
    wire::overlay::Rumour rumour;
    std::uint32_t passed = 0;
    std::uint32_t passes = 0;
    std::uint64_t age = 0;  // larger is younger
  };

  std::vector<Entry> entries_;
  std::uint64_t added_ = 0;
};

}  // namespace zel::overlay
