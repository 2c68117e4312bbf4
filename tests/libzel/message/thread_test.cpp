// Why: two ranks as two threads of one process: what a thread sanitizer can look into, and member_gone()
// from a third thread while they are at it.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
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

/// Two ranks on two hosts, and a thread for each that brings it what the other posted.
class Far {
 public:
  explicit Far(int cores) : zero_(make(0, cores)), one_(make(1, cores)) {
    for (int to : {0, 1}) listeners_.emplace_back([this, to] { listen(to); });
  }
  ~Far() {
    for (Way& way : ways_) {
      const std::lock_guard lock(way.mutex);
      way.closed = true;
      way.changed.notify_one();
    }
    for (auto& listener : listeners_) listener.join();
  }
  MessageState& state(int rank) { return rank == 0 ? *zero_ : *one_; }

 private:
  struct Way {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<wire::member::ToNode> messages;
    bool closed = false;
  };

  std::unique_ptr<MessageState> make(int rank, int cores) {
    detail::MessageSetup setup;
    setup.rank = rank;
    setup.size = 2;
    setup.cores = cores;
    setup.local_ranks = {rank};
    setup.carry = [&way = ways_[static_cast<std::size_t>(1 - rank)]](const wire::member::ToNode& message) {
      const std::lock_guard lock(way.mutex);
      way.messages.push_back(message);
      way.changed.notify_one();
      return true;
    };
    return std::make_unique<MessageState>(std::move(setup));
  }
  void listen(int to) {
    Way& way = ways_[static_cast<std::size_t>(to)];
    const auto from = static_cast<std::uint32_t>(1 - to);
    for (;;) {
      std::unique_lock lock(way.mutex);
      way.changed.wait(lock, [&] { return way.closed || !way.messages.empty(); });
      if (way.messages.empty()) return;
      wire::member::ToNode message = std::move(way.messages.front());
      way.messages.pop_front();
      lock.unlock();
      if (auto* post = std::get_if<wire::member::Post>(&message)) {
        post->peer = from;
        state(to).post(std::move(*post));
      } else {
        state(to).post_credit({from, std::get<wire::member::PostCredit>(message).bytes});
      }
    }
  }

  std::array<Way, 2> ways_;  // by receiver
  std::unique_ptr<MessageState> zero_, one_;
  std::vector<std::thread> listeners_;
};

TEST(Threads, PostsWithPausesBothWays) {
  for (int cores : {0, 1}) {
    Far far(cores);
    const auto play = [](MessageState& state, int rank) {
      std::uint32_t random = static_cast<std::uint32_t>(rank) + 5;
      for (unsigned round = 0; round < 400; ++round) {
        random = random * 1664525u + 1013904223u;
        const std::size_t bytes = (random >> 8) % 4 == 0 ? (random >> 10) % 400'000 : (random >> 10) % 100;
        const auto until = std::chrono::steady_clock::now() +
                           std::chrono::microseconds((random >> 20) % 8 == 0 ? (random >> 5) % 1000 : 0);
        while (std::chrono::steady_clock::now() < until) std::this_thread::yield();
        state.send(1 - rank, user, 1, patterned(bytes, round));
        if (!is_patterned(state.receive(user, round % 2 ? any_rank : 1 - rank, 1, nullptr), round)) {
          ADD_FAILURE() << "round " << round;
        }
        if (round % 10 == 0) state.barrier();
      }
    };
    std::thread other([&] { play(far.state(1), 1); });
    play(far.state(0), 0);
    other.join();
  }
}

TEST(Threads, ADepartureWhilePostsCome) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    Far far(attempt % 2);
    for (int n = 0; n < 20; ++n) far.state(1).send(0, user, 0, std::as_bytes(std::span(&n, 1)));
    std::thread node([&] { far.state(1).member_gone(0, "it fell over"); });
    EXPECT_EQ(error_of([&] {
                for (;;) far.state(1).send(0, user, 1, patterned(100'000, 1));
              }),
              Errc::member_lost);
    for (int n = 0; n < 20; ++n) EXPECT_EQ(far.state(0).receive(user, 1, 0, nullptr).size(), sizeof n);
    node.join();
  }
}

}  // namespace
}  // namespace zel::test
