#include "daemon/keeper/spawn.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "base/unique_fd.hpp"

namespace zel::keeper {
namespace {

/// Launches with pipes for stdout, waits, returns what it printed and its wait status.
struct Outcome {
  Launched launched;
  std::string printed;
  int status = 0;
};

Outcome run(const Image& image, Launch launch) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe2(pipe_ends, O_CLOEXEC), 0);
  const base::UniqueFd reader(pipe_ends[0]);
  base::UniqueFd writer(pipe_ends[1]);
  const base::UniqueFd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  launch.in = null.get();
  launch.out = writer.get();
  launch.err = null.get();
  Outcome outcome;
  outcome.launched = keeper::launch(image, launch);
  writer.reset();
  std::array<char, 4096> buffer;
  for (ssize_t got; (got = ::read(reader.get(), buffer.data(), buffer.size())) > 0;) {
    outcome.printed.append(buffer.data(), static_cast<std::size_t>(got));
  }
  while (::waitpid(-1, &outcome.status, 0) > 0) {
  }
  return outcome;
}

TEST(Spawn, RunsWithArgumentsAndMergedEnvironment) {
  Launch launch;
  launch.environment = {"B=rank", "C=new"};
  const auto outcome =
      run({"/bin/sh", {"sh", "-c", "echo $0 $1 $A $B $C", "zero", "one two"}, {"A=a", "B=common", "PATH=/bin"}}, launch);
  EXPECT_GT(outcome.launched.pid, 0);
  EXPECT_EQ(outcome.printed, "zero one two a rank new\n");
}

TEST(Spawn, LeadsItsOwnProcessGroup) {
  const auto outcome = run({"/bin/sh", {"sh", "-c", "echo $$ $(ps -o pgid= -p $$)"}, {"PATH=/usr/bin:/bin"}}, {});
  const auto pid = std::to_string(outcome.launched.pid);
  EXPECT_EQ(outcome.printed, pid + " " + pid + "\n");
}

TEST(Spawn, IsBoundToItsProcessors) {
  cpu_set_t mine;
  ASSERT_EQ(::sched_getaffinity(0, sizeof mine, &mine), 0);
  std::uint32_t last = 0;
  for (std::uint32_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &mine)) last = cpu;
  }
  Launch launch;
  launch.cpus = {last};
  const auto outcome = run({"/bin/sh", {"sh", "-c", "grep Cpus_allowed_list /proc/self/status"}, {"PATH=/bin"}}, launch);
  EXPECT_EQ(outcome.printed, "Cpus_allowed_list:\t" + std::to_string(last) + "\n");
}

TEST(Spawn, StartsWithDefaultSignalsAndNoSurplusDescriptors) {
  // Whoever runs the tests may have left descriptors open; ours are close-on-exec as the keeper's are.
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  const auto outcome =
      run({"/bin/sh", {"sh", "-c", "grep -E 'SigBlk|SigIgn' /proc/self/status; ls /proc/self/fd"}, {"PATH=/bin"}}, {});
  EXPECT_EQ(outcome.printed, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n0\n1\n2\n3\n");  // 3: ls's own
}

TEST(Spawn, AScriptWithoutAnInterpreterLineIsGivenToTheShell) {
  char path[] = "/tmp/zel-spawn-XXXXXX";
  base::UniqueFd file(::mkstemp(path));
  const std::string script = "echo script $1\n";
  ASSERT_EQ(::write(file.get(), script.data(), script.size()), static_cast<ssize_t>(script.size()));
  ::fchmod(file.get(), 0700);
  file.reset();
  const auto outcome = run({path, {path, "argument"}, {"PATH=/bin"}}, {});
  ::unlink(path);
  EXPECT_EQ(outcome.printed, "script argument\n");
}

TEST(Spawn, AMissingProgramIsReportedNotStarted) {
  const auto outcome = run({"/no/such/program", {"x"}, {}}, {});
  EXPECT_EQ(outcome.launched.pid, -1);
  EXPECT_EQ(outcome.launched.error_number, ENOENT);
  EXPECT_STREQ(outcome.launched.step, "execute");
}

TEST(Spawn, AnImpossibleProcessorIsReported) {
  Launch launch;
  launch.cpus = {1000};
  const auto outcome = run({"/bin/true", {"true"}, {}}, launch);
  EXPECT_EQ(outcome.launched.pid, -1);
  EXPECT_STREQ(outcome.launched.step, "bind to its cores");
}

}  // namespace
}  // namespace zel::keeper
