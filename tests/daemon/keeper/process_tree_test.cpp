// Each test forks a process that plays the keeper, so that the test program adopts nobody itself.
#include "daemon/keeper/process_tree.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace zel::keeper {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void sleep_for_ever() {
  for (;;) ::pause();
}

/// A child that made a session of its own, and a grandchild whose parent has died.
void make_escapees(int ready) {
  if (::fork() == 0) {
    ::setsid();
    if (::fork() == 0) {
      ::setsid();
      if (::fork() == 0) {
        (void)!::write(ready, "x", 1);
        sleep_for_ever();
      }
      ::_exit(0);  // the last one is an orphan now
    }
    (void)!::write(ready, "x", 1);
    sleep_for_ever();
  }
}

/// Runs `play` in a process of its own; its result is the exit status.
template <class Play>
int in_a_process(Play play) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(play());
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

void wait_for_bytes(int fd, int count) {
  for (char byte; count > 0 && ::read(fd, &byte, 1) == 1;) --count;
}

TEST(ProcessTree, FindsAndKillsWhatCalledSetsidAndWhatLostItsParent) {
  EXPECT_EQ(in_a_process([] {
              if (!adopt_orphans()) return 1;
              int ends[2];
              if (::pipe(ends) != 0) return 2;
              make_escapees(ends[1]);
              wait_for_bytes(ends[0], 2);
              if (descendants().size() < 2) return 3;
              if (sweep(10s) != 0) return 4;
              if (!descendants().empty()) return 5;
              return ::waitpid(-1, nullptr, WNOHANG) == -1 ? 0 : 6;
            }),
            0);
}

TEST(ProcessTree, SparesWhomItIsToldTo) {
  EXPECT_EQ(in_a_process([] {
              if (!adopt_orphans()) return 1;
              const pid_t spared = ::fork();
              if (spared == 0) sleep_for_ever();
              const pid_t other = ::fork();
              if (other == 0) sleep_for_ever();
              pid_t reaped = 0;
              if (sweep(10s, {spared}, [&](pid_t pid, int) { reaped = pid; }) != 0) return 2;
              if (reaped != other) return 3;
              if (::kill(spared, 0) != 0) return 4;
              return sweep(10s) == 0 ? 0 : 5;
            }),
            0);
}

TEST(ProcessTree, AProcessThatKeepsForkingIsCaught) {
  EXPECT_EQ(in_a_process([] {
              if (!adopt_orphans()) return 1;
              int ends[2];
              if (::pipe(ends) != 0) return 2;
              if (::fork() == 0) {
                (void)!::write(ends[1], "x", 1);
                for (;;) {
                  const pid_t child = ::fork();
                  if (child == 0) {
                    ::setsid();
                    ::usleep(2000);
                    ::_exit(0);
                  }
                  ::usleep(200);
                  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
                  }
                }
              }
              wait_for_bytes(ends[0], 1);
              return sweep(10s) == 0 ? 0 : 3;
            }),
            0);
}

TEST(ProcessTree, NothingToSweepCostsNothing) {
  EXPECT_EQ(in_a_process([] { return sweep(0s) == 0 ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace zel::keeper
