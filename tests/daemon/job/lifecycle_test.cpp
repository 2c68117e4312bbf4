// Transcripts: what happened to a job, and every action that follows.
#include "daemon/job/lifecycle.hpp"

#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>

namespace zel::job {
namespace {

using namespace std::chrono_literals;
using wire::run::OnFailure;

const base::Time start{std::chrono::hours(1)};

/// One word an action, so that a whole transcript is one string.
std::string word(const Action& action) {
  if (const auto* signal = std::get_if<SignalRank>(&action)) {
    return "signal(" + std::to_string(signal->rank) + "," + std::to_string(signal->number) + ")";
  }
  if (std::holds_alternative<GiveUpHost>(action)) return "give up";
  if (const auto* sweep = std::get_if<SweepHost>(&action)) {
    return sweep->host == 0 ? "sweep" : "sweep(" + std::to_string(sweep->host) + ")";
  }
  if (std::holds_alternative<Forget>(action)) return "forget";
  const auto& message = std::get<TellLauncher>(action).message;
  if (const auto* started = std::get_if<wire::run::Started>(&message)) {
    return "started(" + std::to_string(started->rank) + ")";
  }
  if (const auto* exited = std::get_if<wire::run::Exited>(&message)) {
    return "exited(" + std::to_string(exited->rank) + (exited->ended_by_launcher ? ",told)" : ")");
  }
  if (const auto* ended = std::get_if<wire::run::Ended>(&message)) {
    return "ended(" + std::to_string(ended->exit_status) + ")";
  }
  return "other";
}

class LifecycleTest : public ::testing::Test {
 protected:
  Lifecycle make(std::uint32_t ranks, OnFailure on_failure = OnFailure::cancel, base::Duration timeout = 0s) {
    return {{ranks, "/bin/app", {"here"}, std::vector<std::uint32_t>(ranks), on_failure, 5s, timeout}, start};
  }
  static std::string did(Lifecycle& job) {
    std::string words;
    for (const auto& action : job.take_actions()) words += (words.empty() ? "" : " ") + word(action);
    return words;
  }
  static std::string cause_of(Lifecycle& job) {
    for (const auto& action : job.take_actions()) {
      const auto* tell = std::get_if<TellLauncher>(&action);
      if (!tell) continue;
      if (const auto* ended = std::get_if<wire::run::Ended>(&tell->message)) return ended->cause;
    }
    return "not ended";
  }
  static void spawn(Lifecycle& job, std::uint32_t rank) { job.on_spawned({rank, static_cast<int>(100 + rank)}); }
  static void spawn_all(Lifecycle& job) {
    for (std::uint32_t rank = 0; rank < job.ranks(); ++rank) spawn(job, rank);
    job.take_actions();
  }
  static void exit(Lifecycle& job, std::uint32_t rank, int code, int signal = 0, base::Time now = start) {
    job.on_exited({rank, code, signal, 0, 0, 0, 0, true}, now);
  }
  /// It had ended before anything reached it.
  static void exit_untold(Lifecycle& job, std::uint32_t rank, int code) {
    job.on_exited({rank, code, 0, 0, 0, 0, 0, false}, start);
  }
};

TEST_F(LifecycleTest, AJobThatGoesWell) {
  auto job = make(2);
  spawn(job, 0);
  spawn(job, 1);
  EXPECT_EQ(job.phase(), Phase::running);
  EXPECT_EQ(did(job), "started(0) started(1)");
  exit(job, 1, 0);
  exit(job, 0, 0);
  EXPECT_EQ(did(job), "exited(1) exited(0) sweep");
  job.on_swept(0, {0}, start);
  EXPECT_EQ(did(job), "");
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(0) forget");
  EXPECT_EQ(job.phase(), Phase::ended);
}

TEST_F(LifecycleTest, OutputMayBeOutBeforeTheRanksEnd) {
  auto job = make(1);
  spawn_all(job);
  job.on_output_drained();
  exit(job, 0, 0);
  job.on_swept(0, {0}, start);
  EXPECT_EQ(did(job), "exited(0) sweep ended(0) forget");
}

TEST_F(LifecycleTest, AFailureEndsTheOthersAndOnlyItsStatusCounts) {
  auto job = make(3);
  spawn_all(job);
  exit(job, 1, 3);
  EXPECT_EQ(did(job), "signal(0,15) signal(2,15) exited(1)");
  exit(job, 0, 0, SIGTERM);
  exit(job, 2, 77);
  EXPECT_EQ(did(job), "exited(0,told) exited(2,told) sweep");
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(3) forget");
}

TEST_F(LifecycleTest, TheStatusOfARankThatEndedByItselfCountsThoughItWasToldTooLate) {
  auto job = make(3);
  spawn_all(job);
  exit_untold(job, 0, 1);
  exit_untold(job, 2, 3);
  exit_untold(job, 1, 2);
  EXPECT_EQ(did(job), "signal(1,15) signal(2,15) exited(0) exited(2) exited(1) sweep");
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(3) forget");
}

TEST_F(LifecycleTest, ATimeoutDoesNotCoverUpAFailure) {
  auto job = make(2, OnFailure::cancel, 1s);
  spawn_all(job);
  exit_untold(job, 0, 3);
  job.on_timer(start + 2s);
  job.on_timer(start + 5s);
  exit(job, 1, 0, SIGKILL);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "signal(1,15) exited(0) sweep exited(1,told) ended(3) forget");
}

TEST_F(LifecycleTest, AHostThatDoesNotSweepIsNotWaitedForLong) {
  auto job = make(1);
  spawn_all(job);
  job.on_launcher_lost(start);
  EXPECT_EQ(did(job), "sweep");
  job.on_timer(start + 19s);
  EXPECT_EQ(did(job), "");
  job.on_timer(start + 20s);
  EXPECT_EQ(did(job), "give up forget");
}

TEST_F(LifecycleTest, TheCauseNamesRankHostPidAndSignal) {
  auto job = make(2);
  spawn_all(job);
  exit(job, 1, 0, SIGKILL);
  exit(job, 0, 0, SIGTERM);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(cause_of(job), "rank 1 (pid 101 on here) was ended by signal 9 (Killed)");
}

TEST_F(LifecycleTest, WhoIgnoresSigtermIsKilledAfterTheGracePeriod) {
  auto job = make(2);
  spawn_all(job);
  exit(job, 0, 1);
  job.take_actions();
  EXPECT_EQ(job.next_deadline(), start + 5s);
  job.on_timer(start + 4s);
  EXPECT_EQ(did(job), "");
  job.on_timer(start + 5s);
  EXPECT_EQ(did(job), "sweep");
  EXPECT_EQ(job.next_deadline(), start + 5s + 20s);  // for the sweep
  exit(job, 1, 0, SIGKILL);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "exited(1,told) ended(1) forget");
}

TEST_F(LifecycleTest, IgnoringFailuresTheHighestStatusCounts) {
  auto job = make(3, OnFailure::ignore);
  spawn_all(job);
  exit(job, 0, 3);
  exit(job, 1, 0, SIGUSR1);
  exit(job, 2, 0);
  EXPECT_EQ(did(job), "exited(0) exited(1) exited(2) sweep");
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(138) forget");
}

TEST_F(LifecycleTest, AProgramThatCannotBeExecuted) {
  auto job = make(2);
  job.on_spawn_failed({0, ENOEXEC, "execute"}, start);
  job.on_spawn_failed({1, ENOEXEC, "execute"}, start);
  EXPECT_EQ(did(job), "sweep");
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(126) forget");
}

TEST_F(LifecycleTest, AProgramThatIsNotThere) {
  auto job = make(1);
  job.on_spawn_failed({0, ENOENT, "execute"}, start);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(cause_of(job),
            "rank 0 (on here) could not be started: cannot execute /bin/app: No such file or directory");
}

TEST_F(LifecycleTest, ARankStartedWhileTheJobIsBeingEndedIsToldToo) {
  auto job = make(2);
  spawn(job, 0);
  exit(job, 0, 1);
  job.take_actions();
  spawn(job, 1);
  EXPECT_EQ(did(job), "started(1) signal(1,15)");
}

TEST_F(LifecycleTest, ASignalReachesAlsoARankThatIsStillBeingStarted) {
  auto job = make(3);
  spawn(job, 0);
  job.take_actions();
  job.on_signal(SIGUSR1, start);
  job.on_signal(SIGUSR1, start);
  EXPECT_EQ(did(job), "signal(0,10) signal(0,10)");
  spawn(job, 2);
  EXPECT_EQ(did(job), "started(2) signal(2,10)");
}

TEST_F(LifecycleTest, ADeathThatTheUserAskedForIsNoFailure) {
  auto job = make(2);
  spawn_all(job);
  job.on_signal(SIGINT, start);
  EXPECT_EQ(did(job), "signal(0,2) signal(1,2)");
  exit(job, 0, 0, SIGINT);
  EXPECT_EQ(did(job), "exited(0)");  // rank 1 may take its time
  exit(job, 1, 0);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "exited(1) sweep ended(130) forget");
}

TEST_F(LifecycleTest, SigtermBeginsTheGracePeriodOtherSignalsDoNot) {
  auto job = make(1);
  spawn_all(job);
  job.on_signal(SIGUSR1, start);
  EXPECT_EQ(job.next_deadline(), base::never);
  job.on_signal(SIGTERM, start);
  EXPECT_EQ(job.next_deadline(), start + 5s);
  job.take_actions();
  job.on_timer(start + 5s);
  EXPECT_EQ(did(job), "sweep");
  exit(job, 0, 0, SIGKILL);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "exited(0,told) ended(143) forget");
}

TEST_F(LifecycleTest, ASecondCtrlCKillsAtOnce) {
  auto job = make(2);
  spawn_all(job);
  job.on_signal(SIGINT, start);
  job.take_actions();
  job.on_kill(start);
  EXPECT_EQ(did(job), "sweep");
  job.on_kill(start);
  EXPECT_EQ(did(job), "");
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "ended(130) forget");
}

TEST_F(LifecycleTest, ATimeoutHasItsOwnStatusWhateverTheRanksAnswer) {
  auto job = make(1, OnFailure::cancel, 10s);
  spawn_all(job);
  EXPECT_EQ(job.next_deadline(), start + 10s);
  job.on_timer(start + 10s);
  EXPECT_EQ(did(job), "signal(0,15)");
  exit(job, 0, 200, 0, start + 11s);
  job.on_swept(0, {0}, start);
  job.on_output_drained();
  EXPECT_EQ(did(job), "exited(0,told) sweep ended(124) forget");
}

TEST_F(LifecycleTest, WithoutItsLauncherAJobEndsAtOnceAndSilently) {
  for (const bool while_draining : {false, true}) {
    auto job = make(2);
    spawn_all(job);
    if (while_draining) {
      exit(job, 0, 0);
      exit(job, 1, 0);
      job.on_swept(0, {0}, start);
      job.take_actions();
      job.on_launcher_lost(start);
      EXPECT_EQ(did(job), "forget");
    } else {
      job.on_launcher_lost(start);
      EXPECT_EQ(did(job), "sweep");
      job.on_swept(0, {0}, start);
      EXPECT_EQ(did(job), "forget");
    }
  }
}

TEST_F(LifecycleTest, ALostKeeperIsAFailureThatSaysSo) {
  auto job = make(2);
  spawn_all(job);
  job.on_host_lost(0, 137, "the keeper was killed", false, start);
  EXPECT_EQ(job.phase(), Phase::draining);
  job.on_output_drained();
  EXPECT_EQ(did(job), "exited(0) exited(1) ended(137) forget");
}

TEST_F(LifecycleTest, WhatCannotBeKilledIsSaid) {
  auto job = make(1);
  spawn_all(job);
  exit(job, 0, 0);
  job.on_output_drained();
  job.on_swept(0, {2}, start);
  EXPECT_EQ(did(job), "exited(0) sweep ended(125) forget");
}

TEST_F(LifecycleTest, NonsenseChangesNothing) {
  auto job = make(1);
  job.on_spawned({9, 1});
  exit(job, 9, 1);
  job.on_spawn_failed({9, ENOENT, "x"}, start);
  EXPECT_EQ(did(job), "");
  spawn_all(job);
  spawn(job, 0);
  exit(job, 0, 0);
  exit(job, 0, 1);  // a second death
  EXPECT_EQ(did(job), "exited(0) sweep");
}

}  // namespace
}  // namespace zel::job
