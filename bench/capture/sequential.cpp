// Why: what all ranks together are held against: the same tree counted by one thread, with no zel in it.
// `capture_sequential WxH [copies]`: with 2 copies, two processes do it at once and the slower one's time is
// told; what one copy loses by a second one at its side, no division of the work can win back.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "examples/go-capture/exhaustive.hpp"

namespace {

double count_and_tell(const capture::Position& position, bool tell) {
  const auto start = std::chrono::steady_clock::now();
  const capture::Tally tally = capture::count_tree(position);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  if (tell) std::printf("{\"nodes\":%" PRIu64 ",\"leaves\":%" PRIu64 ",", tally.nodes, tally.leaves);
  return took.count();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view side = argc > 1 ? argv[1] : "3x4";
  const int copies = argc > 2 ? std::atoi(argv[2]) : 1;
  const auto digit = [&](std::size_t at) { return static_cast<std::uint8_t>(side[at] - '0'); };
  const bool is_board = side.size() == 3 && digit(0) - 1u < 7 && side[1] == 'x' && digit(2) - 1u < 7;
  if (!is_board || copies < 1) {
    std::fputs("usage: capture_sequential WxH [copies]\n", stderr);
    return 2;
  }
  const auto position =
      capture::opening({digit(0), digit(2)}, capture::Start::empty, capture::Suicide::forbidden);
  if (!position) return 1;

  const auto start = std::chrono::steady_clock::now();
  for (int other = 1; other < copies; ++other) {
    if (::fork() == 0) {
      count_and_tell(*position, false);
      ::_exit(0);
    }
  }
  double seconds = count_and_tell(*position, true);
  if (copies > 1) {
    while (::wait(nullptr) > 0) {
    }
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  std::printf("\"seconds\":%.6f}\n", seconds);
}
