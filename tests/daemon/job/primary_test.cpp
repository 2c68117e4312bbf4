// What the primary of a job does about hosts that misbehave. Its ordinary days are tried with whole nodes.
#include "daemon/job/primary.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace zel::job {
namespace {

using namespace std::chrono_literals;

const base::Time start{1h};

PrimaryJob two_hosts() {
  PrimarySetup setup;
  setup.job = "job";
  setup.submit.ranks = 2;
  setup.submit.program = "/bin/app";
  setup.submit.arguments = {"app"};
  setup.hosts = {{{{1}}, "n1", 0, 1, 1, 1}, {{{2}}, "n2", 0, 2, 1, 1}};
  PrimaryJob job(std::move(setup), start);
  for (const std::uint32_t host : {0u, 1u}) {
    wire::job::Prepared prepared;
    prepared.ranks.resize(1);
    job.on_host(host, prepared, start);
    job.on_host(host, wire::keeper::Spawned{host, 100}, start);
  }
  return job;
}

TEST(Primary, AHostThatNeverSaysItsRanksAreGoneDoesNotHoldTheJob) {
  PrimaryJob job = two_hosts();
  ASSERT_TRUE(job.on_launcher(wire::run::Kill{}, start));
  job.on_host(0, wire::keeper::Swept{0}, start);
  for (const auto stream : {wire::run::Stream::out, wire::run::Stream::err}) job.on_host(0, wire::run::OutputEnd{0, stream}, start);
  job.on_timer(start + 19s);
  EXPECT_FALSE(job.done());
  (void)job.take_actions();
  job.on_timer(start + 20s);
  EXPECT_TRUE(job.done());
  std::string last;
  bool is_told_over = false;
  for (const auto& action : job.take_actions()) {
    if (const auto* said = std::get_if<TellLauncher>(&action)) {
      EXPECT_EQ(last, "") << "nothing follows the last word";
      if (const auto* ended = std::get_if<wire::run::Ended>(&said->message)) last = std::to_string(ended->exit_status);
    }
    const auto* mail = std::get_if<ToHost>(&action);
    if (mail && mail->host == 1) is_told_over = std::holds_alternative<wire::job::Over>(mail->message);
  }
  EXPECT_EQ(last, "137");
  EXPECT_TRUE(is_told_over) << "it is there, and must let go of the job";
}

TEST(Primary, WhatASilentHostLeavesOpenIsClosedBeforeTheLastWord) {
  PrimaryJob job = two_hosts();
  ASSERT_TRUE(job.on_launcher(wire::run::Kill{}, start));
  for (const std::uint32_t rank : {0u, 1u}) {
    for (const auto stream : {wire::run::Stream::out, wire::run::Stream::err}) job.on_host(rank, wire::run::OutputEnd{rank, stream}, start);
  }
  job.on_timer(start + 20s);  // neither has swept; rank 0 had stdin
  std::string heard;
  for (const auto& action : job.take_actions()) {
    const auto* said = std::get_if<TellLauncher>(&action);
    if (said && std::holds_alternative<wire::run::StdinClosed>(said->message)) heard += "closed ";
    if (said && std::holds_alternative<wire::run::Ended>(said->message)) heard += "ended ";
  }
  EXPECT_EQ(heard, "closed ended ");
}

TEST(Primary, WhatFailedOnAHostNeverEndsAsSuccess) {
  for (const std::int32_t status : {0, -1, 256, 125}) {
    PrimarySetup setup;
    setup.submit.ranks = 1;
    setup.hosts = {{{{1}}, "n1", 0, 1, 1, 1}};
    PrimaryJob job(std::move(setup), start);
    job.on_host(0, wire::job::PrepareFailed{status, "no"}, start);
    int told = -1;
    for (const auto& action : job.take_actions()) {
      const auto* said = std::get_if<TellLauncher>(&action);
      if (said && std::holds_alternative<wire::run::Refused>(said->message)) {
        told = std::get<wire::run::Refused>(said->message).exit_status;
      }
    }
    EXPECT_EQ(told, 125) << "a host said " << status;
  }
}

// It would not hear a Start any more, and the job would wait for its ranks for ever.
TEST(Primary, AHostThatStopsWhileOthersPrepareFailsTheJob) {
  PrimarySetup setup;
  setup.submit.ranks = 2;
  setup.hosts = {{{{1}}, "n1", 0, 1, 1, 1}, {{{2}}, "n2", 0, 2, 1, 1}};
  PrimaryJob job(std::move(setup), start);
  wire::job::Prepared prepared;
  prepared.ranks.resize(1);
  job.on_host(0, prepared, start);
  job.on_host(0, wire::keeper::Swept{0}, start);
  job.on_host(1, prepared, start);
  EXPECT_TRUE(job.done());
  std::string heard;
  for (const auto& action : job.take_actions()) {
    if (const auto* said = std::get_if<TellLauncher>(&action)) {
      const auto* refused = std::get_if<wire::run::Refused>(&said->message);
      heard += refused ? std::to_string(refused->exit_status) + ": " + refused->text : "?";
    }
  }
  EXPECT_EQ(heard, "125: n1 ended its part of the job");
}

}  // namespace
}  // namespace zel::job
