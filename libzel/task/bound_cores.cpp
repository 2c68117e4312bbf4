// Why: see bound_cores.hpp. The only file of this folder that asks the system what a thread is bound to.
#include "libzel/task/bound_cores.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <string_view>

#include "zel/error.hpp"

namespace zel::task {
namespace {

constexpr int most_threads = 1024;

}  // namespace

int bound_cores() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (::sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  return std::max(CPU_COUNT(&mine), 1);
}

std::optional<int> wished_threads() {
  const char* const set = std::getenv("ZEL_THREADS");
  if (set == nullptr) return std::nullopt;
  const std::string_view text(set);
  int threads = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), threads);
  if (wrong != std::errc{} || end != text.data() + text.size() || threads < 1 || threads > most_threads) {
    throw Error(Errc::usage, "ZEL_THREADS is '" + std::string(text) + "': it must be a number from 1 to " +
                                 std::to_string(most_threads));
  }
  return threads;
}

}  // namespace zel::task
