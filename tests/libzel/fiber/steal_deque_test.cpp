// Why: each item is had by exactly one, however owner and thieves meet; most of all over the last one.
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <random>
#include <thread>
#include <vector>

#include "libzel/fiber/steal_deque.hpp"

namespace zel::fiber {
namespace {

TEST(StealDeque, AgreesWithAPlainOneWhenOneThreadUsesIt) {
  std::mt19937 random(1);
  std::vector<int> items(200'000);
  StealDeque<int> deque(4);
  std::deque<int*> model;
  std::size_t next = 0;
  while (next < items.size()) {
    const auto choice = static_cast<unsigned>(random() % 16);
    if (choice < ((next / 20'000) % 2 == 0 ? 10U : 6U)) {
      ASSERT_TRUE(deque.push(&items[next]));
      model.push_back(&items[next++]);
    } else if (choice < 13) {
      ASSERT_EQ(deque.pop(), model.empty() ? nullptr : model.back());
      if (!model.empty()) model.pop_back();
    } else {
      ASSERT_EQ(deque.steal(), model.empty() ? nullptr : model.front());
      if (!model.empty()) model.pop_front();
    }
    ASSERT_EQ(deque.size(), model.size());
  }
}

TEST(StealDeque, GrowsToItsLimitAndNotBeyond) {
  int item = 0;
  StealDeque<int> deque(2, 8);
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(deque.push(&item));
  EXPECT_FALSE(deque.push(&item));
  EXPECT_EQ(deque.steal(), &item);
  EXPECT_TRUE(deque.push(&item));
}

// The deque is kept nearly empty, so that owner and thieves fight for the last item all the time.
void storm(int thieves, int items, int burst) {
  std::vector<std::atomic<int>> had(static_cast<std::size_t>(items));
  std::vector<int> values(static_cast<std::size_t>(items));
  for (int i = 0; i < items; ++i) values[static_cast<std::size_t>(i)] = i;
  StealDeque<int> deque(2);
  std::atomic<bool> over{false};
  const auto take = [&](const int* item) { had[static_cast<std::size_t>(*item)].fetch_add(1); };
  std::vector<std::thread> threads;
  for (int i = 0; i < thieves; ++i) {
    threads.emplace_back([&] {
      while (!over.load()) {
        if (const int* item = deque.steal()) take(item);
      }
    });
  }
  std::mt19937 random(static_cast<unsigned>(burst));
  for (int i = 0; i < items;) {
    const int many = 1 + static_cast<int>(random() % static_cast<unsigned>(burst));
    for (int j = 0; j < many && i < items; ++j) ASSERT_TRUE(deque.push(&values[static_cast<std::size_t>(i++)]));
    for (int j = 0; j < many; ++j) {
      if (const int* item = deque.pop()) take(item);
    }
  }
  while (const int* item = deque.pop()) take(item);
  over = true;
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(deque.empty());
  for (int i = 0; i < items; ++i) ASSERT_EQ(had[static_cast<std::size_t>(i)].load(), 1) << "item " << i;
}

TEST(StealDeque, OneThief) { storm(1, 200'000, 2); }
TEST(StealDeque, ManyThieves) { storm(6, 200'000, 3); }
TEST(StealDeque, WhileItGrows) { storm(3, 200'000, 5'000); }

// What was written before a push is seen by who steals; the thread sanitizer watches.
TEST(StealDeque, PublishesWhatIsPushed) {
  struct Box {
    long value = 0;
  };
  std::vector<Box> boxes(20'000);
  StealDeque<Box> deque;
  std::atomic<bool> over{false};
  long sum = 0;
  std::thread thief([&] {
    while (!over.load() || !deque.empty()) {
      if (Box* const box = deque.steal()) sum += box->value;
    }
  });
  for (Box& box : boxes) {
    box.value = 3;
    deque.push(&box);
  }
  over = true;
  thief.join();
  EXPECT_EQ(sum, 60'000);
}

}  // namespace
}  // namespace zel::fiber
