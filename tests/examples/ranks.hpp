// Why: what the example programs promise holds for any number of ranks, and when ranks are killed in the
// middle of the work; every one of their tests starts and kills them the same way.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/process.hpp"

namespace zel::test {

inline std::vector<std::string> ranks_of(int ranks, const std::string& name,
                                         const std::vector<std::string>& arguments) {
  std::vector<std::string> all{program("zrun"), "-q",     "-n",         std::to_string(ranks),
                               "--on-failure",  "ignore", program(name)};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.emplace_back("--json");
  return all;
}

/// The report of a program that must end well.
inline nlohmann::json report_of(const Finished& done) {
  EXPECT_EQ(done.status, 0) << done.err;
  return nlohmann::json::parse(done.out, nullptr, false);
}

/// Processor time a process has used; negative if it is gone.
inline std::int64_t used_ns(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/schedstat");
  std::int64_t ns = -1;
  return file >> ns ? ns : -1;
}

/// One run whose ranks can be told apart and killed.
class Killable {
 public:
  Killable(std::vector<std::string> arguments, const std::string& mark)
      : mark_("ZEL_TEST_MARK=" + mark),
        job_(std::move(arguments), {.input = {},
                                    .keep_stdin_open = false,
                                    .environment = {{"ZEL_TEST_MARK", mark}},
                                    .directory = {}}) {}

  /// Kills the rank once it has used so much processor time. False if it ended before.
  bool kill_after(int rank, std::int64_t ns) {
    pid_t victim = 0;
    if (!eventually([&] { return (victim = pid_of(rank)) != 0; })) return false;
    std::int64_t used = 0;
    if (!eventually([&] { return (used = used_ns(victim)) < 0 || used >= ns; })) return false;
    return used >= 0 && ::kill(victim, SIGKILL) == 0;
  }
  Finished finish() { return job_.finish(std::chrono::seconds(120)); }

 private:
  pid_t pid_of(int rank) const {
    const auto of_rank = processes_with("ZEL_RANK=" + std::to_string(rank));
    for (const pid_t pid : processes_with(mark_)) {
      if (std::find(of_rank.begin(), of_rank.end(), pid) != of_rank.end()) return pid;
    }
    return 0;
  }

  std::string mark_;
  Process job_;
};

}  // namespace zel::test
