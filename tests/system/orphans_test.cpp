// Whoever is killed with -9, a second later nothing of the run is left: no rank, no grandchild, also none that
// called setsid or lost its parent, no descriptor's name in any file system.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/support/process.hpp"

namespace zel::test {
namespace {

constexpr int rounds = 20;

/// A rank that has a child in a session of its own and a grandchild that nobody is the parent of.
const char* const family =
    "setsid sh -c 'setsid sleep 1000 & exec sleep 1000' >/dev/null 2>&1 & "
    "(setsid sleep 1000 >/dev/null 2>&1 &) ; echo ready; exec sleep 1000";

std::string comm_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) names.insert(entry.path().string());
  return names;
}

class Orphans : public ::testing::TestWithParam<std::string> {
 protected:
  /// One run that is marked through its environment, with all its ranks and their families up.
  struct Marked {
    explicit Marked(int round)
        : mark("ZEL_TEST_MARK=" + std::to_string(::getpid()) + "." + std::to_string(round)),
          zrun({program("zrun"), "-n", "3", "sh", "-c", family},
               {.input = {}, .keep_stdin_open = true, .environment = {{"ZEL_TEST_MARK", mark.substr(14)}}, .directory = {}}) {}
    std::string mark;
    Process zrun;

    bool up() {
      return eventually([&] {
        zrun.wait_for_output("ready\nready\nready\n");
        const auto all = processes_with(mark);
        return std::count_if(all.begin(), all.end(), [](pid_t pid) { return comm_of(pid) == "sleep"; }) >= 12;
      });
    }
    /// The processes of this kind: "zrun", "zel-private", "zel-keeper", or "rank".
    std::vector<pid_t> find(const std::string& kind) const {
      std::vector<pid_t> found;
      for (const pid_t pid : processes_with(mark)) {
        const auto name = comm_of(pid);
        if (name == kind || (kind == "rank" && name == "sleep" && ::getpgid(pid) == pid && ::getsid(pid) != pid)) {
          found.push_back(pid);
        }
      }
      return found;
    }
    bool gone_within_a_second() const {
      return eventually(
          [&] {
            const auto left = processes_with(mark);
            return std::none_of(left.begin(), left.end(), is_alive);
          },
          1000ms);
    }
  };
};

TEST_P(Orphans, NoneIsLeft) {
  const std::string victim = GetParam();
  const auto shared_before = names_in("/dev/shm");
  for (int round = 0; round < rounds; ++round) {
    Marked run(round);
    ASSERT_TRUE(run.up()) << "round " << round << ": " << run.zrun.output();
    const auto victims = run.find(victim);
    ASSERT_FALSE(victims.empty()) << "no " << victim << " found";
    ::kill(victims.front(), SIGKILL);
    if (victim == "zrun") run.zrun.finish(10s);
    EXPECT_TRUE(run.gone_within_a_second()) << "round " << round << ", killed " << victim << ": "
                                            << processes_with(run.mark).size() << " processes left";
    const auto finished = run.zrun.finish(10s);
    if (victim == "rank") {
      EXPECT_EQ(finished.status, 137);
      EXPECT_NE(finished.err.find("ended by signal 9 (Killed)"), std::string::npos) << finished.err;
    } else if (victim == "zel-private") {
      EXPECT_EQ(finished.status, 125);
      EXPECT_NE(finished.err.find("ended unexpectedly"), std::string::npos) << finished.err;
    } else if (victim == "zel-keeper") {
      EXPECT_EQ(finished.status, 137);
      EXPECT_NE(finished.err.find("keeper"), std::string::npos) << finished.err;
    }
  }
  EXPECT_EQ(names_in("/dev/shm"), shared_before);
}

INSTANTIATE_TEST_SUITE_P(KilledWithMinusNine, Orphans, ::testing::Values("rank", "zel-keeper", "zel-private", "zrun"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::erase(name, '-');
                           return name;
                         });

TEST(OrphansAtTheStart, AKillWhileRanksAreBeingStartedStopsTheStarting) {
  for (const char* victim : {"zrun", "zel-private", "zel-keeper"}) {
    const std::string mark = std::string("start.") + victim + std::to_string(::getpid());
    Process zrun({program("zrun"), "-q", "-n", "1000", "sleep", "1000"},
                 {.input = {}, .keep_stdin_open = true, .environment = {{"ZEL_TEST_MARK", mark}}, .directory = {}});
    ASSERT_TRUE(eventually([&] { return processes_with("ZEL_TEST_MARK=" + mark).size() > 50; }));
    for (const pid_t pid : processes_with("ZEL_TEST_MARK=" + mark)) {
      if (comm_of(pid) == victim) ::kill(pid, SIGKILL);
    }
    EXPECT_TRUE(eventually(
        [&] {
          const auto left = processes_with("ZEL_TEST_MARK=" + mark);
          return std::none_of(left.begin(), left.end(), is_alive);
        },
        3000ms))  // a thousand dead take their time on two cores; ten seconds' starting would show
        << victim << ": " << processes_with("ZEL_TEST_MARK=" + mark).size() << " left";
  }
}

TEST(OrphansAtTheEnd, AGrandchildDoesNotOutliveARunThatWentWell) {
  const std::string mark = "end." + std::to_string(::getpid());
  Process zrun({program("zrun"), "-n", "2", "sh", "-c", "setsid sleep 1000 >/dev/null 2>&1 & exit 0"},
               {.input = {}, .keep_stdin_open = false, .environment = {{"ZEL_TEST_MARK", mark}}, .directory = {}});
  EXPECT_EQ(zrun.finish().status, 0);
  const auto left = processes_with("ZEL_TEST_MARK=" + mark);
  EXPECT_TRUE(std::none_of(left.begin(), left.end(), is_alive));
}

TEST(OrphansAtTheEnd, AGrandchildThatHoldsTheOutputOpenDoesNotHoldTheRun) {
  const auto finished = run({program("zrun"), "-n", "1", "sh", "-c", "sleep 1000 & echo done"});
  EXPECT_EQ(finished.status, 0);
  EXPECT_EQ(finished.out, "done\n");
}

}  // namespace
}  // namespace zel::test
