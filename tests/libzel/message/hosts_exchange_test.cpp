// Why: what a program does with messages between hosts when nothing goes wrong.
#include <gtest/gtest.h>

#include "tests/libzel/message/hosts.hpp"

namespace zel::test {
namespace {

using std::chrono::microseconds;

Hosts::Options on(std::vector<int> host_of, microseconds delay = microseconds(0)) {
  Hosts::Options options;
  options.host_of = std::move(host_of);
  options.delay = delay;
  return options;
}

TEST(HostsExchange, PingPong) {
  Hosts hosts(on({0, 1}), [](Job& job) {
    Messages& messages = job.messages();
    for (int round = 0; round < 2000; ++round) {
      if (job.rank() == 0) messages.send(1, round);
      check(messages.receive<int>(1 - job.rank()) == round, "the round's number");
      if (job.rank() == 1) messages.send(0, round);
    }
  });
  EXPECT_EQ(hosts.finish(), (std::vector<int>{0, 0}));
  EXPECT_EQ(hosts.posts(), 4000u) << "one post a message";
  EXPECT_LT(hosts.credits(), 12u) << "credit is given in quarters of the window";
}

TEST(HostsExchange, AllSizesKeepTheirContent) {
  EXPECT_TRUE(all_end_well(on({0, 1}), [](Job& job) {
    const std::vector<std::size_t> sizes{0,      1,      16'320, 32'703,  32'704,     32'705,   32'768,
                                         65'408, 98'112, 98'113, 131'072, 1'000'003u, 4u << 20};
    for (unsigned at = 0; at < sizes.size(); ++at) {
      const int tag = static_cast<int>(at);
      if (job.rank() == 0) {
        job.messages().send_bytes(1, patterned(sizes[at], at), tag);
        continue;
      }
      std::vector<std::byte> buffer(sizes[at] + 5, std::byte{0xee});
      const Envelope got = job.messages().receive_bytes(buffer, at % 2 ? any_rank : 0, at % 3 ? any_tag : tag);
      check(got.bytes == sizes[at] && got.tag == tag && got.from == 0, "the envelope");
      check(is_patterned(std::span(buffer).first(got.bytes), at), "the content");
      check(buffer[sizes[at]] == std::byte{0xee}, "nothing behind the message");
    }
  }));
}

TEST(HostsExchange, LargeMessagesBothWaysAtOnce) {
  for (const auto delay : {microseconds(0), microseconds(2000)}) {
    EXPECT_TRUE(all_end_well(on({0, 1}, delay), [delay](Job& job) {
      const std::size_t bytes = delay.count() ? 4u << 20 : 16u << 20;
      const auto me = static_cast<unsigned>(job.rank());
      job.messages().send_bytes(1 - job.rank(), patterned(bytes, me));
      check(is_patterned(job.messages().receive_bytes(1 - job.rank()), 1 - me), "the other's message");
    }));
  }
}

TEST(HostsExchange, AnySourceTakesFromNearAndFarInOrder) {
  EXPECT_TRUE(all_end_well(on({0, 1, 0, 2}, microseconds(300)), [](Job& job) {
    constexpr int rounds = 1000;
    if (job.rank() != 0) {
      for (int n = 0; n < rounds; ++n) job.messages().send(0, n, n % 3);
      return;
    }
    std::vector<int> next(4, 0);
    for (int n = 0; n < 3 * rounds; ++n) {
      Envelope envelope;
      const int value = job.messages().receive<int>(any_rank, any_tag, &envelope);
      check(value == next[static_cast<std::size_t>(envelope.from)]++ && envelope.tag == value % 3, "each one's order");
    }
    check(next == std::vector<int>{0, rounds, rounds, rounds}, "all of all");
  }));
}

TEST(HostsExchange, TagsPickFromWhatCame) {
  EXPECT_TRUE(all_end_well(on({0, 1}), [](Job& job) {
    if (job.rank() == 1) {
      for (int tag = 0; tag < 100; ++tag) job.messages().send(0, tag, tag);
      return;
    }
    for (int tag = 99; tag >= 0; --tag) {
      check(job.messages().wait_probe(1, tag).tag == tag, "it is there");
      check(job.messages().receive<int>(1, tag) == tag, "by its tag");
    }
  }));
}

TEST(HostsExchange, ASenderWaitsWhileTheReceiverDoesNotTakeIn) {
  // Rank 1 does nothing with messages until the fourth post, which fills the window, has been handed over.
  std::uint64_t before_credit = 0;
  Hosts::Options options = on({0, 1});
  options.on_post = [&](Hosts& hosts, int, int, std::uint64_t before) {
    if (hosts.credits() == 0) ++before_credit;
    if (before == 3) hosts.terminate();
  };
  EXPECT_TRUE(all_end_well(options, [](Job& job) {
    Messages& messages = job.messages();
    if (job.rank() == 0) {
      for (unsigned n = 0; n < 100; ++n) messages.send_bytes(1, patterned(32'704, n));
      return;
    }
    while (!job.membership().terminated()) job.membership().wait(std::chrono::milliseconds(100));
    for (unsigned n = 0; n < 100; ++n) check(is_patterned(messages.receive_bytes(0), n), "all of it, in order");
  }));
  EXPECT_EQ(before_credit, 4u);
}

TEST(HostsExchange, ARankWithoutNeighboursSleepsAndWakes) {
  EXPECT_TRUE(all_end_well(on({0, 1}, microseconds(20'000)), [](Job& job) {
    for (int round = 0; round < 10; ++round) {
      if (job.rank() == 0) job.messages().send(1, round);
      check(job.messages().receive<int>(1 - job.rank()) == round, "after a sleep");
      if (job.rank() == 1) job.messages().send(0, round);
    }
  }));
}

TEST(HostsExchange, ABarrierLetsNobodyThroughTooEarly) {
  for (const auto& host_of : {std::vector{0, 1}, std::vector{0, 0, 1, 1, 2}, std::vector{0, 0, 0, 1}}) {
    EXPECT_TRUE(all_end_well(on(host_of), [](Job& job) {
      Messages& messages = job.messages();
      for (int round = 0; round < 100; ++round) {
        // A word to all before, none of which may be missing after.
        for (int to = 0; to < job.size(); ++to) messages.send(to, round);
        if (round % 7 == job.rank()) job.membership().wait(std::chrono::milliseconds(1));
        messages.barrier();
        for (int from = 0; from < job.size(); ++from) {
          check(messages.probe(from).has_value(), "it is there without waiting");
          check(messages.receive<int>(from) == round, "from everybody");
        }
      }
    }));
  }
}

}  // namespace
}  // namespace zel::test
