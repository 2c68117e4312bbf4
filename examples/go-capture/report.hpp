// Why: the result for a person, and the same for a program.
#pragma once

#include <string>

#include "first_moves.hpp"
#include "options.hpp"
#include "position.hpp"

namespace capture {

/// A finished run.
struct Result {
  Position position;
  std::string start{};  // the start's name, or the diagram's rows joined by '/'
  Mode mode = Mode::solve;
  FirstMoves first_moves{};
  double seconds = 0;
  int workers = 1;
  double efficiency = 1;  // useful work over workers × wall time

  Colour winner() const;
};

/// Ends in a newline.
std::string text_report(const Result& result);
/// One object on one line: board, start, rules, mode, winner, plies, best_moves, nodes, leaves, seconds,
/// workers, efficiency. Ends in a newline.
std::string json_report(const Result& result);

/// 1234567 as "1,234,567".
std::string grouped(std::uint64_t number);

}  // namespace capture
