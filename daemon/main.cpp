// zeld: the node and its administrator's subcommands. Only wiring.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "daemon/cli/command_line.hpp"

namespace {

/// Descriptors 0, 1 and 2 exist, whatever we were started with: what is printed must not go into a socket.
void open_standard_descriptors() {
  int fd = 0;
  do fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd < 3);
  if (fd >= 3) ::close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  const auto read = zel::cli::read_command_line(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
  if (const auto* answer = std::get_if<zel::cli::Answer>(&read)) {
    std::fputs(answer->text.c_str(), answer->exit_status == 0 ? stdout : stderr);
    return answer->exit_status;
  }
  return std::get<zel::cli::Run>(read)();
}
