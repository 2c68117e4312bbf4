// Why: direct links between ranks, as a program meets them: they come by themselves while messages flow, order holds
// across every change of the way, and what breaks costs nothing but time. Real ZeroMQ over the loopback interface.
#include <gtest/gtest.h>

#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/libzel/message/hosts.hpp"

namespace zel::test {
namespace {

Hosts::Options linked(std::vector<int> host_of) {
  Hosts::Options options;
  options.host_of = std::move(host_of);
  options.addresses = {"127.0.0.1"};
  return options;
}

/// The descriptors of this process that are connected TCP sockets.
std::vector<int> connections() {
  std::vector<int> found;
  DIR* folder = ::opendir("/proc/self/fd");
  while (const dirent* entry = folder ? ::readdir(folder) : nullptr) {
    const int fd = std::atoi(entry->d_name);
    sockaddr_storage to{};
    socklen_t size = sizeof to;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&to), &size) == 0 && (to.ss_family == AF_INET || to.ss_family == AF_INET6)) {
      found.push_back(fd);
    }
  }
  if (folder) ::closedir(folder);
  return found;
}

/// Sends small messages to and fro until this rank has a connection.
void talk_until_linked(Job& job, int& round) {
  Messages& messages = job.messages();
  for (int more = 1; more != 0;) {
    if (job.rank() == 0) {
      more = connections().empty() ? 1 : 0;
      messages.send(1, 2 * round + more);
    }
    const int got = messages.receive<int>(1 - job.rank());
    check(got / 2 == round, "in order, on whatever way");
    more = got % 2;
    if (job.rank() == 1) messages.send(0, got);
    ++round;
  }
}

TEST(HostsDirect, ALinkComesByItselfAndTakesTheMessagesOver) {
  Hosts hosts(linked({0, 1}), [](Job& job) {
    int round = 0;
    talk_until_linked(job, round);
    if (job.rank() == 0) job.membership().terminate();  // tells the test how far we are
    for (int n = 0; n < 3000; ++n) {
      if (job.rank() == 0) job.messages().send(1, n);
      check(job.messages().receive<int>(1 - job.rank()) == n, "in order");
      if (job.rank() == 1) job.messages().send(0, n);
    }
  });
  std::uint64_t posts_then = 0;
  hosts.on_terminated([&](Hosts& nodes) { posts_then = nodes.posts(); });
  EXPECT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  EXPECT_GT(posts_then, 0u) << "the first message did not wait for a link";
  EXPECT_LT(hosts.posts() - posts_then, 3000u) << "6000 messages did not go through the nodes";
}

TEST(HostsDirect, AStreamKeepsItsOrderAcrossTheSwitch) {
  EXPECT_TRUE(all_end_well(linked({0, 1}), [](Job& job) {
    constexpr int count = 30'000;
    if (job.rank() == 0) {
      for (int n = 0; n < count; ++n) job.messages().send(1, n);
    } else {
      for (int n = 0; n < count; ++n) check(job.messages().receive<int>(0) == n, "each once, in order");
    }
  }));
}

TEST(HostsDirect, AConnectionThatBreaksInMidStreamLosesNothing) {
  EXPECT_TRUE(all_end_well(linked({0, 1}), [](Job& job) {
    int round = 0;
    talk_until_linked(job, round);
    constexpr std::size_t bytes = 1u << 20;
    constexpr unsigned count = 64;
    for (unsigned n = 0; n < count; ++n) {
      if (job.rank() == 0) {
        job.messages().send_bytes(1, patterned(bytes, n));
      } else {
        check(is_patterned(job.messages().receive_bytes(0), n), "whole and in order");
        if (n == 10) {
          for (const int fd : connections()) ::shutdown(fd, SHUT_RDWR);
        }
      }
    }
    if (job.rank() == 1) job.messages().send(0, 1);
    else job.messages().receive<int>(1);
  }));
}

TEST(HostsDirect, WhatALeaverSentIsReceived) {
  EXPECT_TRUE(all_end_well(linked({0, 1}), [](Job& job) {
    int round = 0;
    talk_until_linked(job, round);
    if (job.rank() == 0) {
      for (unsigned n = 0; n < 8; ++n) job.messages().send_bytes(1, patterned(300'000, n));
      return;
    }
    while (job.membership().is_present(0)) job.membership().wait(std::chrono::milliseconds(50));
    for (unsigned n = 0; n < 8; ++n) check(is_patterned(job.messages().receive_bytes(0), n), "sent before it left");
  }));
}

TEST(HostsDirect, WhatTheKilledSentIsReceivedOrTheyAreReported) {
  Hosts hosts(linked({0, 1}), [](Job& job) {
    int round = 0;
    talk_until_linked(job, round);
    if (job.rank() == 0) {
      for (;;) job.messages().send(1, round++);
    }
    try {
      for (int n = round;; ++n) {
        check(job.messages().receive<int>(0) == n, "in order to the end");
        if (n == round + 1000) job.membership().terminate();
      }
    } catch (const Error& error) {
      check(error.code() == Errc::member_lost && error.rank() == 0, "it is named");
    }
  });
  hosts.on_terminated([](Hosts& nodes) { nodes.kill(0); });
  const auto statuses = hosts.finish();
  EXPECT_EQ(statuses[1], 0);
}

TEST(HostsDirect, NeighboursAndTheFarTogether) {
  EXPECT_TRUE(all_end_well(linked({0, 0, 1, 1}), [](Job& job) {
    Messages& messages = job.messages();
    for (int round = 0; round < 300; ++round) {
      for (int to = 0; to < 4; ++to) messages.send(to, round * 10 + job.rank());
      for (int from = 0; from < 4; ++from) check(messages.receive<int>(from) == round * 10 + from, "from each");
      if (round % 50 == job.rank()) job.membership().wait(std::chrono::milliseconds(20));
    }
    messages.barrier();
  }));
}

TEST(HostsDirect, ASleeperIsWokenByALink) {
  EXPECT_TRUE(all_end_well(linked({0, 0, 1}), [](Job& job) {
    Messages& messages = job.messages();
    for (int round = 0; round < 20; ++round) {
      if (job.rank() == 2) {
        job.membership().wait(std::chrono::milliseconds(20));
        messages.send(0, round);
      } else if (job.rank() == 0) {
        check(messages.receive<int>(2) == round, "after a sleep");
      }
    }
  }));
}

}  // namespace
}  // namespace zel::test
