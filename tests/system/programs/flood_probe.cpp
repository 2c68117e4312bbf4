// Why: a receiver that takes nothing, and then takes slowly, must not fill anybody's memory. Rank 0 sends as fast as it
// can; rank 1 does what it is told by lines from standard input: "go" (rank 0 begins), "slowly", "rest". Each line
// printed begins with the rank. With an argument rank 0 waits for a direct link first.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>
#include <zel/zel.hpp>

#include "tests/support/connections.hpp"

namespace {

using zel::test::has_connection;

constexpr std::size_t message_bytes = 64u << 10;
constexpr int count = 1024;  // 64 MiB
constexpr int slow_count = 128;

void print(const zel::Job& job, const std::string& text) {
  std::printf("%d: %s\n", job.rank(), text.c_str());
  std::fflush(stdout);
}

void flood(zel::Job& job, bool linked) {
  auto& messages = job.messages();
  for (int more = 1; more != 0;) {
    more = linked && !has_connection() ? 1 : 0;
    messages.send(1, more);
    messages.receive<int>(1);
  }
  print(job, "pid " + std::to_string(::getpid()));
  messages.receive<int>(1);
  std::vector<int> message(message_bytes / sizeof(int));
  for (int n = 0; n < count; ++n) {
    message.front() = message.back() = n;
    messages.send(1, message);
    print(job, "sent " + std::to_string(n + 1));
  }
  print(job, "all sent");
}

void take(zel::Job& job, int from, int to, std::chrono::milliseconds pause) {
  for (int n = from; n < to; ++n) {
    const auto message = job.messages().receive<std::vector<int>>(0);
    if (message.size() != message_bytes / sizeof(int) || message.front() != n || message.back() != n) {
      throw std::runtime_error("not in order, or not whole");
    }
    std::this_thread::sleep_for(pause);
  }
  print(job, "took " + std::to_string(to));
}

void lag(zel::Job& job) {
  while (job.messages().receive<int>(0) != 0) job.messages().send(0, 0);
  job.messages().send(0, 0);
  print(job, "pid " + std::to_string(::getpid()));
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "go") job.messages().send(0, 1);
    if (line == "slowly") take(job, 0, slow_count, std::chrono::milliseconds(5));
    if (line == "rest") return take(job, slow_count, count, std::chrono::milliseconds(0));
  }
}

}  // namespace

int main(int argc, char**) {
  try {
    zel::Job job;
    if (job.rank() == 0) flood(job, argc > 1);
    else lag(job);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flood_probe: %s\n", error.what());
    return 3;
  }
}
