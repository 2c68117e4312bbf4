// zeld: the node and its administrator's subcommands. Only wiring.
#include <cstdio>
#include <string>
#include <vector>

#include "daemon/cli/command_line.hpp"

int main(int argc, char** argv) {
  const auto read = zel::cli::read_command_line(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  if (const auto* answer = std::get_if<zel::cli::Answer>(&read)) {
    std::fputs(answer->text.c_str(), answer->exit_status == 0 ? stdout : stderr);
    return answer->exit_status;
  }
  return std::get<zel::cli::Run>(read)();
}
