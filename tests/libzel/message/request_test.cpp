// Why: what begins now and ends later: order, limits, and what becomes of it when somebody dies or nobody waits.
#include "zel/request.hpp"

#include <gtest/gtest.h>

#include <array>
#include <deque>
#include <random>

#include "tests/libzel/message/ranks.hpp"

namespace zel::test {
namespace {

using detail::Context;
using detail::MessageState;

constexpr Context user = Context::user;

std::span<const std::byte> bytes_of(const int& value) { return std::as_bytes(std::span(&value, 1)); }
std::span<std::byte> into(int& value) { return std::as_writable_bytes(std::span(&value, 1)); }

struct Pair {
  Pair()
      : bytes(net::segment_bytes_for(2)),
        fd(make_segment(bytes)),
        zero(setup_of(fd.get(), bytes, 0, 2, 1)),
        one(setup_of(fd.get(), bytes, 1, 2, 1)) {}
  std::uint64_t bytes;
  base::UniqueFd fd;
  MessageState zero, one;
};

TEST(Requests, PostedReceivesMatchInTheOrderPosted) {
  Pair pair;
  std::array<int, 4> got{};
  Request any = pair.one.ireceive(into(got[0]), user, any_rank, any_tag);
  Request tagged = pair.one.ireceive(into(got[1]), user, 0, 7);
  Request later = pair.one.ireceive(into(got[2]), user, 0, 7);
  for (int n = 1; n <= 3; ++n) pair.zero.send(1, user, 7, bytes_of(n));
  EXPECT_EQ(later.wait().bytes, sizeof(int));
  EXPECT_TRUE(any.test());
  EXPECT_TRUE(tagged.test());
  EXPECT_EQ(got, (std::array<int, 4>{1, 2, 3, 0}));
  // A blocking receive stands behind those posted before it.
  Request before = pair.one.ireceive(into(got[0]), user, 0, 1);
  for (int n = 8; n <= 9; ++n) pair.zero.send(1, user, 1, bytes_of(n));
  pair.one.receive_into(into(got[1]), user, 0, 1);
  EXPECT_EQ(got[1], 9);
  EXPECT_EQ(before.wait().tag, 1);
  EXPECT_EQ(got[0], 8);
}

TEST(Requests, SendsKeepTheirOrderWhenNothingHasRoom) {
  Pair pair;
  std::vector<std::vector<std::byte>> sent;
  for (unsigned n = 0; n < 40; ++n) sent.push_back(patterned(n * 5003u, n));
  std::vector<Request> requests;
  for (const auto& bytes : sent) requests.push_back(pair.zero.isend(1, user, 2, bytes));
  EXPECT_FALSE(requests.back().test()) << "the ring is far too small";
  for (unsigned n = 0; n < 40; ++n) {
    std::vector<std::byte> got;
    Request in = pair.one.ireceive(got, user, 0, 2);
    while (!in.test()) requests.back().test();
    EXPECT_EQ(got.size(), sent[n].size());
    EXPECT_TRUE(is_patterned(got, n)) << n;
  }
  wait_all(requests);
}

TEST(Requests, TooLargeGoesToTheNextThatMatches) {
  Pair pair;
  int small = 0;
  std::vector<std::byte> large(100);
  Request first = pair.one.ireceive(into(small), user, 0, any_tag);
  Request second = pair.one.ireceive(large, user, 0, any_tag);
  pair.zero.send(1, user, 0, patterned(50, 3));
  EXPECT_EQ(second.wait().bytes, 50u);
  EXPECT_EQ(error_of([&] { first.wait(); }), Errc::too_large);
  EXPECT_TRUE(first.over());
}

TEST(Requests, ARankReachesItself) {
  Pair pair;
  int got = 0;
  Request in = pair.zero.ireceive(into(got), user, 0, 4);
  EXPECT_EQ(error_of([&] { in.wait(); }), Errc::usage) << "for ever";
  EXPECT_FALSE(in.over());
  const int value = 11;
  Request out = pair.zero.isend(0, user, 4, bytes_of(value));
  EXPECT_TRUE(out.test());
  EXPECT_EQ(in.wait().from, 0);
  EXPECT_EQ(got, 11);
}

TEST(Requests, CancelAndDestroy) {
  Pair pair;
  int kept = 5;
  Request cancelled = pair.one.ireceive(into(kept), user, 0, 1);
  EXPECT_TRUE(cancelled.cancel());
  EXPECT_FALSE(cancelled.cancel()) << "it is over";
  { Request dropped = pair.one.ireceive(into(kept), user, 0, 1); }
  const int value = 6;
  pair.zero.send(1, user, 1, bytes_of(value));
  EXPECT_TRUE(pair.one.probe(user, 0, 1)) << "it waits for another receive";
  EXPECT_EQ(kept, 5);
  Request taken = pair.one.ireceive(into(kept), user, 0, 1);
  EXPECT_FALSE(taken.cancel()) << "a message is its own";
  EXPECT_TRUE(taken.test());
  EXPECT_EQ(kept, 6);
  Request sent = pair.zero.isend(1, user, 1, patterned(1 << 20, 1));
  EXPECT_EQ(error_of([&] { sent.cancel(); }), Errc::usage);
  // While an exception unwinds nobody is waited for, and what was begun is taken back.
  try {
    const Request unwound = std::move(sent);
    throw std::runtime_error("the program's own");
  } catch (const std::runtime_error&) {
  }
  std::vector<std::byte> got;
  Request next = pair.one.ireceive(got, user, 0, 1);
  EXPECT_FALSE(next.test());
  pair.zero.send(1, user, 1, patterned(9, 2));
  EXPECT_EQ(next.wait().bytes, 9u);
  EXPECT_TRUE(is_patterned(got, 2));
}

TEST(Requests, AReceiveWhoseMessageWasTakenBackKeepsItsPlace) {
  Pair pair;
  std::vector<std::byte> first, second;
  Request one = pair.one.ireceive(first, user, 0, any_tag);
  Request two = pair.one.ireceive(second, user, 0, any_tag);
  Request sent = pair.zero.isend(1, user, 1, patterned(1 << 20, 1));
  EXPECT_FALSE(one.test());
  EXPECT_FALSE(one.cancel()) << "it is half full";
  try {
    const Request unwound = std::move(sent);
    throw std::runtime_error("the program's own");
  } catch (const std::runtime_error&) {
  }
  pair.zero.send(1, user, 2, patterned(20, 2));
  pair.zero.send(1, user, 3, patterned(30, 3));
  EXPECT_EQ(one.wait().tag, 2);
  EXPECT_EQ(two.wait().tag, 3);
}

TEST(Requests, TheirNumberIsLimited) {
  Pair pair;
  int value = 0;
  std::vector<Request> requests;
  for (std::size_t n = 0; n < max_requests; ++n) requests.push_back(pair.one.ireceive(into(value), user, 0, 1));
  EXPECT_EQ(error_of([&] { pair.one.ireceive(into(value), user, 0, 1); }), Errc::limit_reached);
  EXPECT_TRUE(requests.back().cancel());
  requests.back() = pair.one.ireceive(into(value), user, 0, 1);
}

TEST(Requests, WhatIsUnfinishedWhenTheJobEndsIsGivenUp) {
  int value = 0;
  Request in, out;
  std::vector<std::byte> large = patterned(1 << 20, 1);
  {
    Pair pair;
    in = pair.one.ireceive(into(value), user, 0, 1);
    out = pair.zero.isend(1, user, 2, large);
  }
  EXPECT_EQ(error_of([&] { in.wait(); }), Errc::usage);
  EXPECT_EQ(error_of([&] { out.test(); }), Errc::usage);
  EXPECT_TRUE(in.over());
}

TEST(Requests, TheDeadEndThem) {
  EXPECT_TRUE(all_end_well({.size = 3}, [](MessageState& state, int rank) {
    if (rank == 1) {
      const int value = 3;
      state.send(0, user, 1, bytes_of(value));
      state.wait_probe(user, 0, 1, base::Duration(-1));
      return;
    }
    if (rank == 2) {
      state.receive(user, 0, 9, nullptr);
      return;
    }
    std::array<int, 2> got{};
    std::vector<std::byte> large = patterned(4 << 20, 1);
    std::vector<Request> requests;
    requests.push_back(state.ireceive(into(got[0]), user, 1, 1));
    requests.push_back(state.ireceive(into(got[1]), user, 1, 1));
    requests.push_back(state.isend(1, user, 1, large));
    int who = -1;
    check(error_of([&] { wait_all(requests); }, &who) == Errc::member_lost && who == 1, "rank 1 is lost");
    check(got[0] == 3, "what it sent came");
    for (const Request& request : requests) check(request.over(), "all are over");
    // Of several, the one that is lost is found while the other goes on.
    requests.clear();
    requests.push_back(state.ireceive(into(got[0]), user, 2, 1));
    requests.push_back(state.ireceive(into(got[1]), user, 1, 1));
    check(error_of([&] { wait_any(requests); }, &who) == Errc::member_lost && who == 1, "the lost one");
    check(!requests[0].over() && requests[0].cancel(), "not the other");
    state.send(2, user, 9, {});
  }));
}

TEST(Requests, RandomTrafficAmongFour) {
  EXPECT_TRUE(all_end_well({.size = 4}, [](MessageState& state, int rank) {
    std::mt19937 random(static_cast<unsigned>(rank));
    constexpr unsigned rounds = 60;
    std::vector<std::vector<std::byte>> incoming(4 * rounds);
    std::vector<Request> requests;
    std::deque<std::vector<std::byte>> outgoing;
    for (unsigned round = 0; round < rounds; ++round) {
      for (int peer = 0; peer < 4; ++peer) {
        if (peer == rank) continue;
        requests.push_back(state.ireceive(incoming[static_cast<std::size_t>(peer) * rounds + round], user, peer, 1));
        outgoing.push_back(patterned(random() % 3 == 0 ? random() % 90'000 : random() % 90, round + static_cast<unsigned>(rank)));
        requests.push_back(state.isend(peer, user, 1, outgoing.back()));
      }
      if (round % 5 == 0) state.barrier();
      else state.probe(user, any_rank, 2);
      if (round % 4 == 3) wait_any(requests);
    }
    wait_all(requests);
    for (unsigned peer = 0; peer < 4; ++peer) {
      for (unsigned round = 0; round < rounds && peer != static_cast<unsigned>(rank); ++round) {
        check(is_patterned(incoming[peer * rounds + round], round + peer), "in order and whole");
      }
    }
    state.barrier();
  }));
}

TEST(Views, ComeAsTheyLieAndTheirMemoryIsUsedAgain) {
  Pair pair;
  pair.zero.send(1, user, 3, patterned(100'000, 1));
  const std::byte* place = nullptr;
  {
    const View view = pair.one.receive_view(user, 0, any_tag);
    EXPECT_EQ(view.tag(), 3);
    EXPECT_TRUE(is_patterned(view.bytes(), 1));
    EXPECT_EQ(view.as<int>().size(), 25'000u);
    EXPECT_EQ(error_of([&] { view.as<std::array<int, 3>>(); }), Errc::malformed);
    place = view.bytes().data();
  }
  Request sent;
  sent = pair.zero.isend(1, user, 4, patterned(90'000, 2));
  View view = pair.one.receive_view(user, 0, any_tag);
  EXPECT_EQ(view.from(), 0);
  (void)place;
  View moved = std::move(view);
  EXPECT_EQ(moved.bytes().size(), 90'000u);
  EXPECT_EQ(std::move(moved).take().size(), 90'000u);
}

}  // namespace
}  // namespace zel::test
