// Why: the result for a person, and the same for a program.
#pragma once

#include <string>

#include "traversal.hpp"

namespace uts {

/// A finished count.
struct Result {
  Tree tree;
  Tally tally;
  double seconds = 0;
  bool sequential = false;
  int workers = 1;
  double efficiency = 1;  // useful work over workers × wall time
};

/// Ends in a newline.
std::string text_report(const Result& result);
/// One object on one line: tree, nodes, depth, leaves, seconds, mode, workers, efficiency. Ends in a newline.
std::string json_report(const Result& result);

}  // namespace uts
