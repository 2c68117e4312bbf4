// Why: two ranks as two threads of one process: what a thread sanitizer can look into, and member_gone()
// from a third thread while they are at it.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/libzel/message/ranks.hpp"

namespace zel::test {
namespace {

using detail::Context;
using detail::MessageState;

constexpr Context user = Context::user;

struct Pair {
  explicit Pair(int cores)
      : bytes(net::segment_bytes_for(3)),
        fd(make_segment(bytes)),
        zero(setup_of(fd.get(), bytes, 0, 3, cores)),
        one(setup_of(fd.get(), bytes, 1, 3, cores)) {}
  std::uint64_t bytes;
  base::UniqueFd fd;
  MessageState zero, one;
};

TEST(Threads, RandomTrafficWithPausesOversubscribed) {
  // Pauses of all lengths around those after which the other side goes to sleep.
  for (int cores : {1, 3}) {
    Pair pair(cores);
    const auto play = [](MessageState& state, int rank) {
      std::uint32_t random = 7;
      for (unsigned round = 0; round < 1500; ++round) {
        random = random * 1664525u + 1013904223u;
        const std::size_t bytes = (random >> 8) % 3 == 0 ? (random >> 10) % 200'000 : (random >> 10) % 100;
        const auto pause = std::chrono::microseconds((random >> 20) % 8 == 0 ? (random >> 5) % 300 : 0);
        if ((random >> 30) % 2 == static_cast<unsigned>(rank)) {
          const auto until = std::chrono::steady_clock::now() + pause;
          while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
          state.send(1 - rank, user, 1, patterned(bytes, round));
        } else if (!is_patterned(state.receive(user, 1 - rank, 1, nullptr), round)) {
          ADD_FAILURE() << "round " << round;
        }
      }
    };
    std::thread other([&] { play(pair.one, 1); });
    play(pair.zero, 0);
    other.join();
  }
}

TEST(Threads, DeparturesWhileWaiting) {
  for (int attempt = 0; attempt < 200; ++attempt) {
    Pair pair(attempt % 2 ? 1 : 3);
    std::thread node([&] {
      for (int spin = 0; spin < attempt; ++spin) std::this_thread::yield();
      pair.zero.member_gone(2, "it fell over");
      pair.zero.member_gone(1, "so did this");
    });
    const int value = 5;
    pair.one.send(0, user, 0, std::as_bytes(std::span(&value, 1)));
    EXPECT_EQ(pair.zero.receive(user, any_rank, 0, nullptr).size(), sizeof value);
    int who = -1;
    EXPECT_EQ(error_of([&] { pair.zero.receive(user, attempt % 3 == 0 ? 2 : any_rank, 0, nullptr); }, &who),
              Errc::member_lost);
    EXPECT_TRUE(who == 1 || who == 2);
    node.join();
  }
}

TEST(Threads, MaybePendingNeverMissesAMessage) {
  Pair pair(3);
  constexpr int count = 20'000;
  std::thread sender([&] {
    for (int n = 0; n < count; ++n) pair.one.send(0, Context::task, 0, std::as_bytes(std::span(&n, 1)));
  });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  int next = 0;
  while (next < count && std::chrono::steady_clock::now() < end) {
    if (!pair.zero.maybe_pending()) {
      std::this_thread::yield();
      continue;
    }
    while (pair.zero.probe(Context::task, any_rank, any_tag)) {
      int value = -1;
      pair.zero.receive_into(std::as_writable_bytes(std::span(&value, 1)), Context::task, any_rank, any_tag);
      ASSERT_EQ(value, next++);
    }
  }
  sender.join();
  EXPECT_EQ(next, count);
  EXPECT_FALSE(pair.zero.probe(Context::task, any_rank, any_tag));
  EXPECT_FALSE(pair.zero.maybe_pending());
}

}  // namespace
}  // namespace zel::test
