// Why: a lost wake-up is a job that hangs once a month. Two sides that always go to sleep at once meet every
// interleaving there is, if they meet often enough.
#include "libzel/net/doorbell.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

namespace zel::net {
namespace {

using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

/// Sleeps until `there()`; false when that took longer than any scheduler would.
template <class There>
bool sleep_until(Doorbell& doorbell, There&& there) {
  const auto end = Clock::now() + seconds(20);
  while (!there()) {
    doorbell.prepare_to_sleep();
    if (there()) return true;
    doorbell.sleep(seconds(20));
    if (Clock::now() > end) return false;
  }
  return true;
}

TEST(Doorbell, NoWakeUpIsLost) {
  std::atomic<std::uint32_t> words[2]{};
  std::atomic<int> ball{0};
  constexpr int rounds = 30'000;
  const auto play = [&](int side) {
    Doorbell mine(words[side]), other(words[1 - side]);
    for (int round = side; round < rounds; round += 2) {
      if (!sleep_until(mine, [&] { return ball.load(std::memory_order_acquire) == round; })) return false;
      ball.store(round + 1, std::memory_order_release);
      other.ring();
    }
    return true;
  };
  bool first = false;
  std::thread opponent([&] { first = play(0); });
  EXPECT_TRUE(play(1));
  opponent.join();
  EXPECT_TRUE(first);
}

TEST(Doorbell, ManyRingersAndASleeperWhoClears) {
  std::atomic<std::uint32_t> word{0};
  std::atomic<int> sent[3]{};
  constexpr int each = 50'000;
  std::thread ringers[3];
  for (int n = 0; n < 3; ++n) {
    ringers[n] = std::thread([&, n] {
      Doorbell doorbell(word);
      for (int i = 0; i < each; ++i) {
        sent[n].fetch_add(1, std::memory_order_release);
        doorbell.ring();
        if (i % 64 == 0) std::this_thread::yield();
      }
    });
  }
  Doorbell doorbell(word);
  const auto seen = [&] {
    int sum = 0;
    for (auto& count : sent) sum += count.load(std::memory_order_acquire);
    return sum;
  };
  int last = 0;
  bool woken = true;
  while (last < 3 * each && woken) {
    woken = sleep_until(doorbell, [&] { return seen() != last; });
    doorbell.clear();
    last = seen();
  }
  for (auto& ringer : ringers) ringer.join();
  EXPECT_TRUE(woken);
  EXPECT_EQ(last, 3 * each);
}

TEST(Doorbell, PendingUntilCleared) {
  std::atomic<std::uint32_t> word{0};
  Doorbell doorbell(word);
  EXPECT_FALSE(doorbell.pending());
  doorbell.ring();
  EXPECT_TRUE(doorbell.pending());
  doorbell.clear();
  EXPECT_FALSE(doorbell.pending());
  doorbell.wake_sleeper();
  EXPECT_FALSE(doorbell.pending()) << "nobody sleeps";
}

TEST(Doorbell, ASleepHasItsLimit) {
  std::atomic<std::uint32_t> word{0};
  Doorbell doorbell(word);
  doorbell.prepare_to_sleep();
  const auto start = Clock::now();
  doorbell.sleep(std::chrono::milliseconds(10));
  EXPECT_GE(Clock::now() - start, std::chrono::milliseconds(9));
}

}  // namespace
}  // namespace zel::net
