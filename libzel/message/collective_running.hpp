// Why: what one collective operation keeps while it runs; for the sources of Collective only.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "libzel/message/collective.hpp"

namespace zel::message {

/// Of an operation with messages.
struct Collective::Work {
  std::deque<Outgoing> sends{};
  std::deque<Receive> receives{};
  std::vector<std::size_t> wanted_bytes{};          // of each receive; of any size if there are none
  std::deque<std::vector<std::byte>> scratch{};     // of what is combined
  std::size_t scratch_used = 0;
  std::size_t first_unfinished = 0;  // of the receives

  std::vector<std::byte>& next_scratch() {
    if (scratch_used == scratch.size()) scratch.emplace_back();
    return scratch[scratch_used++];
  }
};

struct Collective::Running {
  GroupRecord& group;
  std::uint64_t operation = 0;
  std::size_t step = 0;
  std::unique_ptr<Work> work{};           // none: over the board
  std::size_t first_missing = 0;          // of the notes, by position
  bool pinned = false;
  std::set<std::pair<int, int>> asked{};  // whom, because of whom
};

}  // namespace zel::message
