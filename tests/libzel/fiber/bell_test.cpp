// Why: a wake-up is never lost, whenever it comes.
#include <gtest/gtest.h>

#include <thread>

#include "libzel/fiber/bell.hpp"

namespace zel::fiber {
namespace {

TEST(Bell, RingsOnceForOneWhoLies) {
  Ward ward;
  Bell bell(ward);
  EXPECT_FALSE(bell.ring());
  EXPECT_FALSE(ward.anybody_asleep());
  bell.lie_down();
  EXPECT_TRUE(ward.anybody_asleep());
  EXPECT_TRUE(bell.ring());
  EXPECT_FALSE(bell.ring());
  EXPECT_FALSE(ward.anybody_asleep());
  bell.sleep();  // returns: it was rung
  bell.lie_down();
  bell.get_up();
  EXPECT_FALSE(ward.anybody_asleep());
}

// Each item is announced only to somebody asleep; a lost one would leave the sleeper there for ever.
TEST(Bell, NoAnnouncementIsLost) {
  constexpr int items = 20'000;
  Ward ward;
  Bell bell(ward);
  std::atomic<int> published{0};
  std::atomic<int> taken{0};
  std::thread sleeper([&] {
    while (taken.load() < items) {
      if (taken.load() < published.load()) {
        taken.store(published.load());
        continue;
      }
      bell.lie_down();
      if (taken.load() < published.load()) {
        bell.get_up();
      } else {
        bell.sleep();
      }
    }
  });
  for (int i = 1; i <= items; ++i) {
    published.store(i, std::memory_order_release);
    if (ward.anybody_asleep()) bell.ring();
    while (i % 16 == 0 && taken.load() < i) std::this_thread::yield();
  }
  sleeper.join();
  EXPECT_EQ(taken.load(), items);
}

}  // namespace
}  // namespace zel::fiber
