// Why: what a program does with messages when nothing goes wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/libzel/message/ranks.hpp"

namespace zel::test {
namespace {

using detail::Context;
using detail::MessageState;

constexpr Context user = Context::user;

template <class T>
void send_value(MessageState& state, int to, const T& value, int tag = 0) {
  state.send(to, user, tag, std::as_bytes(std::span(&value, 1)));
}
template <class T>
T receive_value(MessageState& state, int from, int tag = any_tag, Envelope* envelope = nullptr) {
  T value{};
  const Envelope got = state.receive_into(std::as_writable_bytes(std::span(&value, 1)), user, from, tag);
  if (envelope) *envelope = got;
  return value;
}

TEST(Exchange, PingPong) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    for (int round = 0; round < 20'000; ++round) {
      if (rank == 0) send_value(state, 1, round);
      check(receive_value<int>(state, 1 - rank) == round, "the round's number");
      if (rank == 1) send_value(state, 0, round);
    }
  }));
}

TEST(Exchange, AllSizesKeepTheirContent) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    std::vector<std::size_t> sizes{0, 1, 47, 48, 49, 111, 112, 113, 4095, 4096, 16'303, 16'304, 16'305, 16'319, 16'320,
                                   16'321, 65'535, 131'072, 1'000'003, (16 << 20) - 1, 16 << 20};
    for (unsigned at = 0; at < sizes.size(); ++at) {
      const int tag = static_cast<int>(at);
      if (rank == 0) {
        state.send(1, user, tag, patterned(sizes[at], at));
      } else if (at % 2 == 0) {
        Envelope envelope;
        check(is_patterned(state.receive(user, 0, tag, &envelope), at) && envelope.bytes == sizes[at], "into a vector");
      } else {
        std::vector<std::byte> buffer(sizes[at] + 5, std::byte{0xee});
        const Envelope got = state.receive_into(buffer, user, any_rank, any_tag);
        check(got.bytes == sizes[at] && got.tag == tag && got.from == 0, "the envelope");
        check(is_patterned(std::span(buffer).first(got.bytes), at), "into a buffer");
        check(buffer[sizes[at]] == std::byte{0xee}, "nothing behind the message");
      }
    }
  }));
}

TEST(Exchange, EveryOddSizeAcrossManyLaps) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    for (unsigned round = 0; round < 4000; ++round) {
      const std::size_t bytes = (round * 7919u) % 20'011u;
      if (rank == 0) state.send(1, user, 3, patterned(bytes, round));
      else check(is_patterned(state.receive(user, 0, 3, nullptr), round), "the content");
    }
  }));
}

TEST(Exchange, AllToAllOfEightOnTwoCores) {
  EXPECT_TRUE(all_end_well({.size = 8}, [](MessageState& state, int rank) {
    for (int round = 0; round < 200; ++round) {
      for (int to = 0; to < 8; ++to) send_value(state, to, rank * 1000 + round, round);
      int sum = 0;
      for (int from = 0; from < 8; ++from) {
        Envelope envelope;
        const int value = receive_value<int>(state, any_rank, round, &envelope);
        check(value == envelope.from * 1000 + round, "the value belongs to its sender");
        sum += value;
      }
      check(sum == 28'000 + 8 * round, "one of each");
    }
  }));
}

TEST(Exchange, OrderIsKeptUnderWildcards) {
  EXPECT_TRUE(all_end_well({.size = 4}, [](MessageState& state, int rank) {
    constexpr int count = 5000;
    if (rank != 0) {
      for (int n = 0; n < count; ++n) send_value(state, 0, n, n % 3);
      return;
    }
    std::vector<int> next(4, 0);
    for (int n = 0; n < 3 * count; ++n) {
      Envelope envelope;
      const int value = receive_value<int>(state, any_rank, any_tag, &envelope);
      check(value == next[static_cast<std::size_t>(envelope.from)]++, "each sender's order");
      check(envelope.tag == value % 3, "the tag");
    }
  }));
}

TEST(Exchange, TagsAndContextsSelect) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    const int one = 1, two = 2, task = 9;
    if (rank == 0) {
      state.send(1, Context::task, 5, std::as_bytes(std::span(&task, 1)));
      send_value(state, 1, one, 1);
      send_value(state, 1, two, 2);
      return;
    }
    check(receive_value<int>(state, 0, 2) == 2, "the later tag first");
    check(state.probe(user, any_rank, any_tag)->tag == 1, "the other is there");
    check(!state.probe(user, any_rank, 5) && !state.probe(Context::collective, any_rank, any_tag), "no other context");
    check(state.maybe_pending(), "a task message waits");
    check(receive_value<int>(state, any_rank) == 1, "any tag");
    int value = 0;
    state.receive_into(std::as_writable_bytes(std::span(&value, 1)), Context::task, any_rank, any_tag);
    check(value == 9 && !state.probe(user, any_rank, any_tag) && !state.maybe_pending(), "nothing is left");
  }));
}

TEST(Exchange, BigMessagesToOneAnotherDoNotDeadlock) {
  EXPECT_TRUE(all_end_well({.size = 3}, [](MessageState& state, int rank) {
    const std::size_t bytes = 64u << 20;
    const auto mine = static_cast<unsigned>(rank);
    std::vector<std::byte> message(bytes, static_cast<std::byte>(mine + 1));
    state.send((rank + 1) % 3, user, 0, message);
    const auto got = state.receive(user, (rank + 2) % 3, 0, nullptr);
    std::fill(message.begin(), message.end(), static_cast<std::byte>((mine + 2) % 3 + 1));
    check(got.size() == bytes && std::memcmp(got.data(), message.data(), bytes) == 0, "its content");
  }));
}

TEST(Exchange, TooLargeStaysUnreceived) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    if (rank == 0) {
      state.send(1, user, 4, patterned(100'000, 1));
      state.send(1, user, 4, patterned(10, 2));
      return;
    }
    std::vector<std::byte> small(50);
    for (int again = 0; again < 2; ++again) {
      check(error_of([&] { state.receive_into(small, user, 0, 4); }) == Errc::too_large, "refused");
    }
    check(state.wait_probe(user, 0, 4, base::Duration(-1))->bytes == 100'000, "it is still there");
    check(is_patterned(state.receive(user, 0, 4, nullptr), 1), "and whole");
    check(state.receive_into(small, user, 0, 4).bytes == 10, "and the next comes next");
  }));
}

TEST(Exchange, WaitProbeEndsInTime) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    using std::chrono::milliseconds;
    if (rank == 0) {
      check(!state.wait_probe(user, 1, 7, milliseconds(5)), "nothing came");
      send_value(state, 1, 0);
      check(state.wait_probe(user, 1, any_tag, milliseconds(10'000))->tag == 8, "it came");
      check(receive_value<int>(state, 1) == 0, "it was not taken by the probe");
    } else {
      send_value(state, 0, receive_value<int>(state, 0), 8);
    }
  }));
}

TEST(Exchange, BarrierHoldsEveryoneBack) {
  for (int size : {2, 3, 8}) {
    EXPECT_TRUE(all_end_well({.size = size}, [size](MessageState& state, int rank) {
      for (int round = 0; round < 300; ++round) {
        // Everybody's message of this round was sent before the barrier, so it is there after it.
        for (int to = 0; to < size; ++to) {
          if (to != rank) send_value(state, to, round, round);
        }
        state.barrier();
        for (int from = 0; from < size; ++from) {
          if (from == rank) continue;
          check(state.probe(user, from, round).has_value(), "sent before the barrier");
          receive_value<int>(state, from, round);
        }
      }
    }));
  }
}

TEST(Exchange, BarrierTakesInWhatOthersSend) {
  EXPECT_TRUE(all_end_well({}, [](MessageState& state, int rank) {
    if (rank == 0) state.send(1, user, 0, patterned(1 << 20, 5));
    state.barrier();
    if (rank == 1) check(is_patterned(state.receive(user, 0, 0, nullptr), 5), "the content");
  }));
}

TEST(Exchange, ARankThatHasNotJoinedCanBeSentTo) {
  auto fd = make_segment(net::segment_bytes_for(2));
  MessageState first(setup_of(fd.get(), net::segment_bytes_for(2), 0, 2, 2));
  for (int n = 0; n < 100; ++n) first.send(1, user, n, std::as_bytes(std::span(&n, 1)));
  MessageState second(setup_of(fd.get(), net::segment_bytes_for(2), 1, 2, 2));
  EXPECT_TRUE(second.maybe_pending());
  for (int n = 0; n < 100; ++n) {
    int value = 0;
    second.receive_into(std::as_writable_bytes(std::span(&value, 1)), user, 0, n);
    EXPECT_EQ(value, n);
  }
}

TEST(Exchange, AloneWithoutSegment) {
  MessageState state(detail::MessageSetup{});
  state.barrier();
  state.send(0, user, 1, patterned(1000, 1));
  state.send(0, user, 2, {});
  EXPECT_EQ(state.probe(user, 0, any_tag)->tag, 1);
  EXPECT_EQ(state.receive(user, any_rank, 2, nullptr).size(), 0u);
  EXPECT_TRUE(is_patterned(state.receive(user, 0, any_tag, nullptr), 1));
  EXPECT_FALSE(state.probe(user, any_rank, any_tag));
  EXPECT_FALSE(state.maybe_pending());
  EXPECT_FALSE(state.wait_probe(user, any_rank, any_tag, std::chrono::milliseconds(1)));
  EXPECT_EQ(error_of([&] { state.receive(user, any_rank, any_tag, nullptr); }), Errc::usage);
  EXPECT_EQ(error_of([&] { state.receive(user, 0, any_tag, nullptr); }), Errc::usage);
  EXPECT_EQ(error_of([&] { state.send(1, user, 0, {}); }), Errc::usage);
  EXPECT_EQ(error_of([&] { state.send(0, user, -1, {}); }), Errc::usage);
}

TEST(Exchange, TwoHundredInARingUseLittleMemory) {
  Ranks ranks({.size = 200}, [](MessageState& state, int rank) {
    for (int round = 0; round < 20; ++round) {
      send_value(state, (rank + 1) % 200, round);
      check(receive_value<int>(state, (rank + 199) % 200) == round, "the round");
    }
    state.barrier();
  });
  for (int status : ranks.finish()) EXPECT_EQ(status, 0);
  // An inbox and a ring: two pages each, and the first page.
  EXPECT_LE(used_bytes(ranks.segment()), 200u * 3 * net::page_bytes + 64 * net::page_bytes);
}

}  // namespace
}  // namespace zel::test
