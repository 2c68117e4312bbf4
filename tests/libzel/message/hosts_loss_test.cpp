// Why: what a program sees of messages between hosts when others die, its node goes, or a peer posts nonsense.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/libzel/message/hosts.hpp"

namespace zel::test {
namespace {

using net::RecordKind;
using wire::member::Post;
using wire::member::PostCredit;
using wire::member::ToNode;

Hosts::Options on(std::vector<int> host_of) {
  Hosts::Options options;
  options.host_of = std::move(host_of);
  return options;
}

void wait_until_gone(Job& job, int rank) {
  job.membership().wait_closed(std::chrono::seconds(20));
  while (job.membership().is_present(rank)) job.membership().wait(std::chrono::milliseconds(100));
}

TEST(HostsLoss, WhatTheDeadSentCompletelyIsReceivedFirst) {
  EXPECT_TRUE(all_end_well(on({0, 1}), [](Job& job) {
    Messages& messages = job.messages();
    if (job.rank() == 1) {
      for (int n = 0; n < 500; ++n) messages.send(0, n);
      ::_exit(0);  // it ends without a word
    }
    wait_until_gone(job, 1);
    int who = -1;
    check(error_of([&] { messages.barrier(); }, &who) == Errc::member_lost && who == 1, "the barrier names it");
    for (int n = 0; n < 500; ++n) check(messages.receive<int>(n % 2 ? 1 : any_rank) == n, "in order");
    check(error_of([&] { messages.receive<int>(1); }, &who) == Errc::member_lost && who == 1, "then it is lost");
    check(error_of([&] { messages.receive<int>(); }) == Errc::member_lost, "and nobody is left");
    check(error_of([&] { messages.send(1, 5); }) == Errc::member_lost, "nor can it be sent to");
    check(!messages.probe(1), "probing is harmless");
  }));
}

/// Rank 1 streams to rank 0 and is killed at some post; rank 2 talks to rank 0 all the while.
void kill_in_mid_stream(std::uint64_t post) {
  Hosts::Options options = on({0, 1, 1});
  options.on_post = [post](Hosts& hosts, int from, int, std::uint64_t before) {
    if (from == 1 && before == post) hosts.kill(1);
  };
  Hosts hosts(options, [](Job& job) {
    constexpr int rounds = 50;
    Messages& messages = job.messages();
    if (job.rank() == 1) {
      for (unsigned n = 0;; ++n) messages.send_bytes(0, patterned(1'000'000, n));
    }
    if (job.rank() == 2) {
      for (int n = 0; n < rounds; ++n) {
        messages.send(0, n, 2);
        check(messages.receive<int>(0) == n, "the answer");
      }
      return;
    }
    int who = -1;
    unsigned next = 0;
    const auto code = error_of([&] { for (;;) check(is_patterned(messages.receive_bytes(1), next++), "complete"); }, &who);
    check(code == Errc::member_lost && who == 1, "rank 1 is lost");
    check(!messages.probe(1), "and nothing of half a message is there");
    for (int n = 0; n < rounds; ++n) {
      check(messages.receive<int>(2) == n, "rank 2 is not disturbed");
      messages.send(2, n);
    }
  });
  const auto statuses = hosts.finish();
  EXPECT_EQ(statuses[0], 0) << "killed at post " << post;
  EXPECT_TRUE(WIFSIGNALED(statuses[1]));
  EXPECT_EQ(statuses[2], 0);
}

TEST(HostsLoss, ASenderKilledInTheMiddleHarmsNobody) {
  for (std::uint64_t post = 0; post < 70 && !HasFailure(); post += 3) kill_in_mid_stream(post);
}

TEST(HostsLoss, AReceiverKilledInTheMiddleOfALargeMessage) {
  for (const bool receives : {true, false}) {
    Hosts::Options options = on({0, 1});
    options.on_post = [receives](Hosts& hosts, int, int, std::uint64_t before) {
      if (before == (receives ? 40u : 3u)) hosts.kill(1);
    };
    Hosts hosts(options, [receives](Job& job) {
      int who = -1;
      if (job.rank() == 0) {
        check(error_of([&] { job.messages().send_bytes(1, patterned(16 << 20, 1)); }, &who) == Errc::member_lost, "lost");
        check(who == 1, "it is named");
      } else if (receives) {
        job.messages().receive_bytes(0);
      } else {
        for (;;) ::pause();
      }
    });
    EXPECT_EQ(hosts.finish()[0], 0);
  }
}

TEST(HostsLoss, ALostNodeEndsEveryWait) {
  const std::vector<std::function<void(Messages&)>> waits{
      [](Messages& messages) { messages.receive<int>(1); },
      [](Messages& messages) { messages.receive<int>(); },
      [](Messages& messages) { messages.wait_probe(1, 4); },
      [](Messages& messages) { messages.barrier(); },
      [](Messages& messages) { messages.send_bytes(1, patterned(1 << 20, 1)); },
  };
  for (const auto& wait : waits) {
    Hosts::Options options = on({0, 1});
    options.on_post = [](Hosts& hosts, int, int, std::uint64_t) { hosts.vanish(0); };
    Hosts hosts(options, [&wait](Job& job) {
      if (job.rank() == 0) {
        check(error_of([&] { wait(job.messages()); }) == Errc::node_lost, "node_lost");
        check(error_of([&] { wait(job.messages()); }) == Errc::node_lost, "and again");
        return;
      }
      job.membership().wait_closed(std::chrono::seconds(20));
      check(error_of([&] { job.messages().send(0, 1, 9); job.messages().receive<int>(0, 9); }) == Errc::member_lost, "lost");
    });
    EXPECT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  }
}

/// Speaks to the node as a member that has no libzel, and waits until it is hung up on.
void say(wire::Channel& channel, const std::vector<ToNode>& messages) {
  channel.push(wire::member::encode(ToNode(wire::member::Hello{})));
  for (const ToNode& message : messages) channel.push(wire::member::encode(message));
  if (!channel.flush_within(std::chrono::seconds(5))) ::_exit(1);
  while (channel.receive_within(std::chrono::seconds(20))) {
  }
}

Post post(RecordKind kind, std::size_t bytes, std::uint64_t total, std::uint32_t tag = 0, std::uint8_t context = 0) {
  return {0, static_cast<std::uint8_t>(kind), context, tag, total, base::Bytes(bytes)};
}

TEST(HostsLoss, NonsenseCutsItsSenderOffAndNobodyElse) {
  const std::vector<std::vector<ToNode>> nonsense{
      {post(RecordKind{0}, 4, 4)},
      {post(RecordKind::skip, 4, 4)},
      {post(RecordKind{6}, 4, 4)},
      {post(RecordKind::whole, 4, 5)},
      {post(RecordKind::whole, 4, 4, static_cast<std::uint32_t>(max_tag) + 1)},
      {post(RecordKind::whole, 4, 4, 0, detail::context_count)},
      {post(RecordKind::whole, 32'769, 32'769)},
      {post(RecordKind::first, 5, 4)},
      {post(RecordKind::first, 4, max_message_bytes + 1)},
      {post(RecordKind::more, 4, 0)},
      {post(RecordKind::abandon, 0, 0)},
      {post(RecordKind::first, 4, 9), post(RecordKind::first, 4, 9)},
      {post(RecordKind::first, 4, 9), post(RecordKind::more, 6, 0)},
      {post(RecordKind::first, 4, 9), post(RecordKind::abandon, 1, 0)},
  };
  for (std::size_t n = 0; n < nonsense.size() && !HasFailure(); ++n) {
    Hosts::Options options = on({0, 1, 1});
    options.strangers[1] = [&](wire::Channel& channel) {
      std::vector<ToNode> said{post(RecordKind::whole, 8, 8)};  // this is good
      said.insert(said.end(), nonsense[n].begin(), nonsense[n].end());
      say(channel, said);
    };
    Hosts hosts(options, [](Job& job) {
      if (job.rank() == 2) return job.messages().send(0, 7);
      check(job.messages().receive_bytes(1).size() == 8, "what came before is good");
      int who = -1;
      check(error_of([&] { job.messages().receive_bytes(1); }, &who) == Errc::malformed && who == 1, "malformed");
      check(error_of([&] { job.messages().receive_bytes(1); }, &who) == Errc::malformed && who == 1, "it stays so");
      check(error_of([&] { job.messages().send(1, 1); }) == Errc::malformed, "both ways");
      check(job.messages().receive<int>() == 7, "rank 2 is heard");
    });
    hosts.on_departure(0, [](Hosts& h) { h.kill(1); });
    const auto statuses = hosts.finish();
    EXPECT_EQ(statuses[0], 0) << "nonsense " << n;
    EXPECT_EQ(statuses[2], 0) << "nonsense " << n;
  }
}

TEST(HostsLoss, PostsFromThisHostAreIgnored) {
  Hosts::Options options = on({0, 0, 1});
  options.strangers[1] = [](wire::Channel& channel) {
    say(channel, {post(RecordKind::whole, 4, 4), post(RecordKind{77}, 4, 4), PostCredit{0, 99}});
  };
  // What rank 2 says comes after that.
  options.on_post = [said = 0](Hosts& hosts, int, int, std::uint64_t) mutable {
    if (++said == 2) hosts.terminate();
  };
  Hosts hosts(options, [](Job& job) {
    if (job.rank() == 2) {
      while (!job.membership().terminated()) job.membership().wait(std::chrono::milliseconds(100));
      job.messages().send(0, 7);
      return;
    }
    check(job.messages().receive<int>() == 7, "only that");
    check(!job.messages().probe(), "nothing else");
    job.messages().send(1, 1);
  });
  hosts.on_departure(0, [](Hosts& h) { h.kill(1); });
  EXPECT_EQ(hosts.finish()[0], 0);
}

TEST(HostsLoss, CreditForWhatWasNotPostedIsNonsense) {
  Hosts::Options options = on({0, 1});
  options.strangers[1] = [](wire::Channel& channel) {
    say(channel, {PostCredit{0, 1}, post(RecordKind::whole, 0, 0)});
  };
  Hosts hosts(options, [](Job& job) {
    job.messages().receive_bytes(1);
    check(error_of([&] { job.messages().send(1, 1); }) == Errc::malformed, "malformed");
  });
  hosts.on_departure(0, [](Hosts& h) { h.kill(1); });
  EXPECT_EQ(hosts.finish()[0], 0);
}

TEST(HostsLoss, ABarrierNamesWhoWillNeverCome) {
  for (const int lost : {0, 2, 4}) {
    EXPECT_TRUE(all_end_well(on({0, 0, 1, 1, 2}), [lost](Job& job) {
      Messages& messages = job.messages();
      for (int round = 0; round < 10; ++round) messages.barrier();
      if (job.rank() == lost) ::_exit(0);
      int who = -1;
      check(error_of([&] { messages.barrier(); }, &who) == Errc::member_lost && who == lost, "it is named");
      check(error_of([&] { messages.barrier(); }, &who) == Errc::member_lost && who == lost, "still");
      // Stay until all have seen the same, so that nobody names another.
      for (int to = 0; to < 5; ++to) {
        if (to != lost && to != job.rank()) messages.send(to, 1);
      }
      for (int n = 0; n < 3; ++n) messages.receive<int>();
    }));
  }
}

TEST(HostsLoss, WhoCameToTheBarrierBeforeItDiedDoesNotBreakIt) {
  Hosts::Options options = on({0, 1, 1, 2});
  options.on_post = [](Hosts& hosts, int from, int, std::uint64_t before) {
    if (from == 1 && before == 1) hosts.kill(1);  // it has told ranks 0 and 3
  };
  Hosts hosts(options, [](Job& job) {
    if (job.rank() != 1) wait_until_gone(job, 1);
    job.messages().barrier();
    int who = -1;
    check(error_of([&] { job.messages().barrier(); }, &who) == Errc::member_lost && who == 1, "but it breaks the next");
    for (int to : {0, 2, 3}) job.messages().send(to, 1);
    for (int n = 0; n < 3; ++n) job.messages().receive<int>();
  });
  const auto statuses = hosts.finish();
  for (int rank : {0, 2, 3}) EXPECT_EQ(statuses[static_cast<std::size_t>(rank)], 0);
  EXPECT_TRUE(WIFSIGNALED(statuses[1]));
}

TEST(HostsLoss, ABarrierThatWasLeftByAnErrorIsGoneOnWith) {
  EXPECT_TRUE(all_end_well(on({0, 1, 1}), [](Job& job) {
    Messages& messages = job.messages();
    const std::size_t piece = 8 << 20;
    const int pieces = static_cast<int>(max_unreceived_bytes / piece) + 1;
    if (job.rank() == 1) {
      const std::vector<std::byte> message(piece);
      for (int n = 0; n < pieces; ++n) messages.send_bytes(2, message);
      check(messages.receive<int>(2) == 5, "it left the barrier");
    }
    if (job.rank() == 2) {
      check(error_of([&] { messages.barrier(); }) == Errc::limit_reached, "too much lies unreceived");
      for (int n = 0; n < pieces; ++n) check(messages.receive_bytes(1).size() == piece, "all can be received");
      messages.send(1, 5);
    }
    messages.barrier();
    messages.barrier();
  }));
}

}  // namespace
}  // namespace zel::test
