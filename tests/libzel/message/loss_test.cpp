// Why: what a program sees of messages when others die, the node goes, or memory is overwritten.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "libzel/net/segment.hpp"
#include "tests/libzel/message/ranks.hpp"

namespace zel::test {
namespace {

using detail::Context;
using detail::MessageState;

constexpr Context user = Context::user;

std::span<const std::byte> bytes_of(const int& value) { return std::as_bytes(std::span(&value, 1)); }
int receive_int(MessageState& state, int from) {
  int value = 0;
  state.receive_into(std::as_writable_bytes(std::span(&value, 1)), user, from, any_tag);
  return value;
}

TEST(Loss, WhatTheDeadSentCompletelyIsReceivedFirst) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    if (rank == 1) {
      for (int n = 0; n < 500; ++n) state.send(0, user, 0, bytes_of(n));
      return;  // it ends without a word
    }
    // Wait until its end is known, so that all of it is found afterwards.
    int who = -1;
    check(error_of([&] { state.barrier(); }, &who) == Errc::member_lost && who == 1, "the barrier names it");
    for (int n = 0; n < 500; ++n) check(receive_int(state, n % 2 ? 1 : any_rank) == n, "in order");
    check(error_of([&] { receive_int(state, 1); }, &who) == Errc::member_lost && who == 1, "then it is lost");
    check(error_of([&] { receive_int(state, any_rank); }) == Errc::member_lost, "and nobody is left");
    check(error_of([&] { state.send(1, user, 0, {}); }) == Errc::member_lost, "nor can it be sent to");
    check(error_of([&] { state.barrier(); }) == Errc::member_lost, "nor waited for");
    check(!state.probe(user, 1, any_tag), "probing is harmless");
  }));
}

/// Rank 1 streams to rank 0 and is killed somewhere; rank 2 talks to rank 0 all the while.
void kill_in_mid_stream(int attempt) {
  constexpr int rounds = 200;
  Ranks ranks({.size = 3}, [&](MessageState& state, int rank) {
    if (rank == 1) {
      for (unsigned n = 0;; ++n) state.send(0, user, 1, patterned((n * 7919u) % 60'000u, n));
    }
    if (rank == 2) {
      for (int n = 0; n < rounds; ++n) {
        state.send(0, user, 2, bytes_of(n));
        check(receive_int(state, 0) == n, "the answer");
      }
      return;
    }
    unsigned next = 0;
    int served = 0;
    bool lost = false;
    int who = -1;
    while (served < rounds || !lost) {
      if (!lost) {
        try {
          check(is_patterned(state.receive(user, 1, 1, nullptr), next++), "a complete message");
        } catch (const Error& error) {
          check(error.code() == Errc::member_lost && error.rank() == 1, "rank 1 is lost");
          lost = true;
        }
      }
      if (served < rounds && (lost || state.probe(user, 2, any_tag))) {
        check(receive_int(state, 2) == served, "rank 2 is not disturbed");
        state.send(2, user, 0, bytes_of(served++));
      }
    }
    check(error_of([&] { receive_int(state, 1); }, &who) == Errc::member_lost && who == 1, "it stays lost");
  });
  // Strike at another moment each time: when so much of the stream has been read.
  EXPECT_TRUE(ranks.wait_until_read(1, 0, static_cast<std::uint64_t>(attempt) * 7919 % 400'000));
  ranks.kill(1);
  const auto statuses = ranks.finish();
  EXPECT_EQ(statuses[0], 0);
  EXPECT_TRUE(WIFSIGNALED(statuses[1]));
  EXPECT_EQ(statuses[2], 0);
}

TEST(Loss, ASenderKilledInMidStreamHarmsNobody) {
  for (int attempt = 0; attempt < 100 && !HasFailure(); ++attempt) kill_in_mid_stream(attempt);
}

TEST(Loss, AReceiverKilledWhileOthersWaitForRoom) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    Ranks ranks({.size = 2}, [](MessageState& state, int rank) {
      if (rank == 1) {
        state.wait_probe(user, 0, 99, base::Duration(-1));
        return;
      }
      int who = -1;
      check(error_of([&] {
              for (unsigned n = 0;; ++n) state.send(1, user, 0, patterned(50'000, n));
            }, &who) == Errc::member_lost && who == 1, "the receiver is lost");
    });
    EXPECT_TRUE(ranks.wait_until_read(0, 1, static_cast<std::uint64_t>(attempt) * 100'003));
    ranks.kill(1);
    EXPECT_EQ(ranks.finish()[0], 0);
  }
}

TEST(Loss, ABarrierNamesWhoWillNeverCome) {
  EXPECT_TRUE(all_end_well({.size = 5}, [](MessageState& state, int rank) {
    for (int round = 0; round < 10; ++round) state.barrier();
    if (rank == 3) return;
    int who = -1;
    check(error_of([&] { state.barrier(); }, &who) == Errc::member_lost && who == 3, "rank 3");
    check(error_of([&] { state.barrier(); }, &who) == Errc::member_lost, "still");
    // Stay until all have seen the same, so that nobody names another.
    for (int to = 0; to < 5; ++to) {
      if (to != 3 && to != rank) state.send(to, user, 0, {});
    }
    for (int n = 0; n < 3; ++n) state.receive(user, any_rank, 0, nullptr);
  }));
}

TEST(Loss, ALostNodeEndsEveryWait) {
  const std::vector<std::function<void(MessageState&)>> waits{
      [](MessageState& state) { receive_int(state, 1); },
      [](MessageState& state) { receive_int(state, any_rank); },
      [](MessageState& state) { state.wait_probe(user, 1, 4, base::Duration(-1)); },
      [](MessageState& state) { state.wait_probe(user, 1, 4, std::chrono::seconds(60)); },
      [](MessageState& state) { state.barrier(); },
      [](MessageState& state) { state.send(1, user, 0, patterned(1 << 20, 1)); },
  };
  for (const auto& wait : waits) {
    auto segment = make_segment(net::segment_bytes_for(2));
    MessageState state(setup_of(segment.get(), net::segment_bytes_for(2), 0, 2, 1));
    std::thread node([&] { state.node_gone("it was switched off"); });
    EXPECT_EQ(error_of([&] { wait(state); }), Errc::node_lost);
    node.join();
    EXPECT_EQ(error_of([&] { wait(state); }), Errc::node_lost) << "and again";
  }
}

TEST(Loss, WhatNobodyReceivesIsLimited) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    const std::size_t piece = 8 << 20;
    const int pieces = static_cast<int>(max_unreceived_bytes / piece);
    if (rank == 1) {
      const std::vector<std::byte> message(piece);
      for (int n = 0; n < pieces + 1; ++n) state.send(0, user, 1, message);
      check(receive_int(state, 0) == 5, "the receiver lives on");
      return;
    }
    int who = -1;
    check(error_of([&] { state.receive(user, 1, 2, nullptr); }, &who) == Errc::limit_reached && who == 1, "the limit");
    for (int n = 0; n < pieces + 1; ++n) check(state.receive(user, 1, 1, nullptr).size() == piece, "all can be received");
    state.send(1, user, 0, bytes_of(5));
  }));
}

TEST(Loss, AMessageGivenUpHalfWayIsNotDelivered) {
  const std::uint64_t bytes = net::segment_bytes_for(2);
  auto fd = make_segment(bytes);
  MessageState zero(setup_of(fd.get(), bytes, 0, 2, 1));
  MessageState one(setup_of(fd.get(), bytes, 1, 2, 1));
  zero.node_gone("so that waiting for room fails");
  // So many small ones that the records of the large one leave no line free.
  const auto small = static_cast<int>(net::max_record_bytes / net::line_bytes - 1);
  for (int n = 0; n < small; ++n) zero.send(1, user, 0, bytes_of(n));
  EXPECT_EQ(error_of([&] { zero.send(1, user, 3, patterned(1 << 20, 1)); }), Errc::node_lost);
  EXPECT_EQ(error_of([&] { zero.send(1, user, 4, patterned(8, 2)); }), Errc::node_lost) << "the ring is full";
  for (int n = 0; n < small; ++n) EXPECT_EQ(receive_int(one, 0), n);
  EXPECT_EQ(one.probe(user, 0, any_tag)->tag, 3) << "its begin is there";
  EXPECT_TRUE(zero.maybe_pending()) << "there is room again";
  EXPECT_FALSE(zero.probe(user, any_rank, any_tag));
  EXPECT_FALSE(one.probe(user, 0, any_tag)) << "its end will not come";
  zero.send(1, user, 4, patterned(8, 2));
  EXPECT_TRUE(is_patterned(one.receive(user, 0, any_tag, nullptr), 2));
}

TEST(Loss, OverwrittenMemoryIsRefusedAndOthersGoOn) {
  const std::uint64_t bytes = net::segment_bytes_for(3);
  for (std::size_t word = 0; word < 6; ++word) {
    auto fd = make_segment(bytes);
    MessageState zero(setup_of(fd.get(), bytes, 0, 3, 2));
    MessageState one(setup_of(fd.get(), bytes, 1, 3, 2));
    MessageState two(setup_of(fd.get(), bytes, 2, 3, 2));
    one.send(0, user, 0, patterned(8, 1));  // makes ring 0
    one.send(0, user, 0, patterned(8, 2));
    auto segment = net::Segment::map(fd.get(), bytes);
    ASSERT_TRUE(segment);
    const net::Ring ring = *segment->ring(0);
    auto* words = reinterpret_cast<std::uint32_t*>(ring.records);
    if (word < 4) words[word == 1 ? 1 : word] = 0xffff'ffff;  // stamp, size, tag, kind and context
    if (word == 4) ring.header->owners.store(net::owners_of(2, 0));
    if (word == 5) segment->inbox(0).ring_from[1].store(0x7fff'ffff);
    int who = -1;
    EXPECT_EQ(error_of([&] { zero.receive(user, 1, any_tag, nullptr); }, &who), Errc::malformed) << "word " << word;
    EXPECT_EQ(who, 1);
    EXPECT_EQ(error_of([&] { zero.receive(user, 1, any_tag, nullptr); }), Errc::malformed) << "it stays refused";
    two.send(0, user, 0, patterned(9, 3));
    EXPECT_TRUE(is_patterned(zero.receive(user, any_rank, any_tag, nullptr), 3));
  }
}

TEST(Loss, ANonsensicalReaderIsRefused) {
  const std::uint64_t bytes = net::segment_bytes_for(2);
  auto fd = make_segment(bytes);
  MessageState zero(setup_of(fd.get(), bytes, 0, 2, 2));
  zero.send(1, user, 0, patterned(8, 1));
  auto segment = net::Segment::map(fd.get(), bytes);
  segment->ring(0)->header->read_to.store(1 << 30);
  EXPECT_EQ(error_of([&] { zero.send(1, user, 0, patterned(1 << 20, 1)); }), Errc::malformed);
}

TEST(Loss, RandomDamageNeverLeadsOutOfBounds) {
  // Whatever is read, the worst is an Error or a message of wrong content; the sanitizers watch the rest.
  const std::uint64_t bytes = net::segment_bytes_for(2);
  std::uint32_t random = 99;
  const auto draw = [&] { return random = random * 1664525u + 1013904223u; };
  for (int attempt = 0; attempt < 200; ++attempt) {
    auto fd = make_segment(bytes);
    MessageState zero(setup_of(fd.get(), bytes, 0, 2, 2));
    MessageState one(setup_of(fd.get(), bytes, 1, 2, 2));
    for (unsigned n = 0; n < 20; ++n) one.send(0, user, 0, patterned(n * 37, n));
    auto segment = net::Segment::map(fd.get(), bytes);
    auto* words = reinterpret_cast<std::uint32_t*>(segment->ring(0)->records);
    for (int hit = 0; hit < 10; ++hit) words[(draw() >> 8) % 2048] = draw() & ((draw() >> 31) ? ~0u : 0xffffu);
    for (unsigned n = 0; n < 20; ++n) {
      try {
        if (!zero.wait_probe(user, 1, any_tag, std::chrono::nanoseconds(0))) break;
        std::vector<std::byte> buffer(1 << 16);
        if (zero.probe(user, 1, any_tag)->bytes > buffer.size()) break;
        one.member_gone(0, "not looked at");
        zero.member_gone(1, "so that a half message is not waited for");
        zero.receive_into(buffer, user, 1, any_tag);
      } catch (const Error&) {
        break;
      }
    }
  }
}

TEST(Loss, AWrongSegmentIsRefused) {
  const std::uint64_t bytes = net::segment_bytes_for(2);
  const auto opened = [&](int fd, std::uint64_t size, int ranks) {
    return error_of([&] { MessageState state(setup_of(fd, size, 0, ranks, 2)); });
  };
  EXPECT_EQ(opened(-1, bytes, 2), Errc::system);
  EXPECT_EQ(opened(make_segment(4096).get(), bytes, 2), Errc::malformed);
  EXPECT_EQ(opened(make_segment(4096).get(), 4096, 2), Errc::malformed);
  EXPECT_EQ(opened(make_segment(bytes).get(), bytes, 5000), Errc::limit_reached);
  auto fd = make_segment(bytes);
  net::Segment::map(fd.get(), bytes)->control().format.store(77);
  EXPECT_EQ(opened(fd.get(), bytes, 2), Errc::system);
}

TEST(Loss, ASegmentThatIsUsedUpSaysSo) {
  const std::uint64_t bytes = net::segment_bytes_for(2);  // two rings, for three ranks
  auto fd = make_segment(bytes);
  MessageState zero(setup_of(fd.get(), bytes, 0, 3, 2));
  MessageState one(setup_of(fd.get(), bytes, 1, 3, 2));
  zero.send(1, user, 0, {});
  zero.send(2, user, 0, {});
  EXPECT_EQ(error_of([&] { one.send(0, user, 0, {}); }), Errc::limit_reached);
  MessageState twin(setup_of(fd.get(), bytes, 0, 3, 2));
  EXPECT_EQ(error_of([&] { twin.send(1, user, 0, {}); }), Errc::malformed) << "rank 0 is somebody else";
}

}  // namespace
}  // namespace zel::test
