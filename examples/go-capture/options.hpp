// Why: what the user asks for, as one typed value: one parse, one validation, the same at every rank.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "position.hpp"

namespace capture {

enum class Mode : std::uint8_t { solve, best, exhaustive };
std::string_view name_of(Mode mode);

struct Options {
  Position position;  // the opening; for a position file, only to_move and suicide
  Start start = Start::empty;
  std::optional<std::string> position_file;  // read by rank 0 alone: the others may not have it
  Mode mode = Mode::solve;
  std::uint32_t table_mib = 128;  // memory of the solver's table, per thread
  bool json = false;
};

/// What to say instead of running: the help, the version, or what is wrong in one line.
struct Notice {
  std::string text;
  int status = 0;  // the exit status: 0, or 2 when the options are wrong
};

/// Pure: reads no file and prints nothing.
std::variant<Options, Notice> parse_options(int argc, const char* const* argv);

}  // namespace capture
