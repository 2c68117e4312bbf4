// Why: the deque against a std::deque, through every way of growing, moving down and taking out.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

#include "zel/task_worker.hpp"

namespace zel::task {
namespace {

detail::TaskFrame* frame(std::uintptr_t number) { return reinterpret_cast<detail::TaskFrame*>(number * 64); }

TEST(FrameDeque, AgreesWithAPlainOne) {
  std::mt19937 random(1);
  detail::FrameDeque deque;
  std::deque<detail::TaskFrame*> model;
  std::uintptr_t next = 1;
  for (int i = 0; i < 400'000; ++i) {
    // Phases that mostly grow and phases that mostly shrink.
    const bool growing = (i / 20'000) % 2 == 0;
    const auto choice = static_cast<unsigned>(random() % 10);
    if (choice < (growing ? 6U : 2U)) {
      ASSERT_TRUE(deque.push(frame(next)));
      model.push_back(frame(next++));
    } else if (choice < 8) {
      const bool top = random() % 2 == 0 && !model.empty();
      auto* const wanted = top ? model.back() : frame(next);
      ASSERT_EQ(deque.pop_if_top(wanted), top);
      if (top) model.pop_back();
    } else if (choice == 8) {
      ASSERT_EQ(deque.oldest(), model.empty() ? nullptr : model.front());
      deque.drop_oldest();
      if (!model.empty()) model.pop_front();
    } else if (random() % 8 == 0 && !model.empty()) {
      const auto index = model.size() - 1 - random() % std::min<std::size_t>(model.size(), 5);
      auto* const victim = model[index];
      ASSERT_TRUE(deque.remove(victim));
      ASSERT_FALSE(deque.remove(victim));
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(index));
    }
    ASSERT_EQ(deque.size(), model.size());
    ASSERT_EQ(deque.empty(), model.empty());
  }
  while (!model.empty()) {
    ASSERT_EQ(deque.pop(), model.back());
    model.pop_back();
  }
  EXPECT_EQ(deque.pop(), nullptr);
  EXPECT_FALSE(deque.pop_if_top(frame(1)));
}

TEST(FrameDeque, HasALimit) {
  detail::FrameDeque deque;
  std::size_t count = 0;
  while (deque.push(frame(1))) ++count;
  EXPECT_EQ(count, detail::FrameDeque::max_capacity);
}

}  // namespace
}  // namespace zel::task
