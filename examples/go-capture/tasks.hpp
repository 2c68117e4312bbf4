// Why: the part that knows zel: how the work is cut into tasks that any rank may take. A task carries a whole
// position, about thirty bytes, and no task depends on which rank it runs on.
#pragma once

#include <cstdint>

#include "exhaustive.hpp"
#include "first_moves.hpp"
#include "options.hpp"
#include "position.hpp"

namespace capture {

/// Visits a subtree. With more than `sequential_points` empty points, each child is a task of its own.
struct CountTask {
  Position position;

  Tally run() const;
};

/// The exact value of one first move.
struct SolveTask {
  Position position;
  std::uint8_t index = 0;
  std::uint32_t table_mib = 0;

  FirstMoves run() const;
};

/// The whole job. Only rank 0's is run, so what rank 0 alone knows, such as a file it read, reaches the
/// others through the result: `accepted` false means that rank 0 had nothing to run and has said why.
struct Findings {
  bool accepted = false;
  FirstMoves first_moves;
};
struct RootTask {
  bool accepted = false;
  Position position;
  Mode mode = Mode::solve;
  std::uint32_t table_mib = 0;

  Findings run() const;
};

}  // namespace capture
