// Why: what the user asks for, as one typed value: one parse, one validation, the same at every rank.
#pragma once

#include <string>
#include <variant>

#include "tree.hpp"

namespace uts {

struct Options {
  Tree tree;
  bool sequential = false;
  bool json = false;
};

/// What to say instead of running: the help, the version, or what is wrong in one line.
struct Notice {
  std::string text;
  int status = 0;  // the exit status: 0, or 2 when the options are wrong
};

/// Pure: prints nothing.
std::variant<Options, Notice> parse_options(int argc, const char* const* argv);

}  // namespace uts
