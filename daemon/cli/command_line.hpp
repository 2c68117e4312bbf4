// Why: what a user types becomes a subcommand to run, or one line that says what is wrong with it.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "daemon/cli/command.hpp"

namespace zel::cli {

/// Nothing to run: the text is for standard output with status 0, else for standard error.
struct Answer {
  int exit_status = 0;
  std::string text;
};

/// Reads `zeld SUBCOMMAND …`; `words` without argv[0]. Alone it means --help.
std::variant<Run, Answer> read_command_line(const std::vector<std::string>& words);

}  // namespace zel::cli
