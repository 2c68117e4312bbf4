// Why: a switch keeps everything of a function: where it was, its locals, the exceptions it handles.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "libzel/fiber/fiber.hpp"

namespace zel::fiber {
namespace {

class Fibers : public testing::Test {
 protected:
  std::unique_ptr<Fiber> make(Fiber::Entry entry, void* argument) {
    return std::make_unique<Fiber>(stacks_.emplace_back(pool_.take().value()), entry, argument);
  }
  void TearDown() override {
    for (const Stack& stack : stacks_) pool_.give_back(stack);
  }

  StackPool pool_{StackLimits{.stack_bytes = 256 * 1024}};
  std::vector<Stack> stacks_;
};

TEST_F(Fibers, TakeTurns) {
  std::vector<int> steps;
  const auto fiber = make(
      [](Fiber& self, void* argument) noexcept {
        auto& seen = *static_cast<std::vector<int>*>(argument);
        for (int i = 0; i < 3; ++i) {
          seen.push_back(i);
          self.suspend();
        }
      },
      &steps);
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(fiber->ended());
    fiber->resume();
    steps.push_back(10 + i);
  }
  fiber->resume();
  EXPECT_TRUE(fiber->ended());
  EXPECT_EQ(steps, (std::vector<int>{0, 10, 1, 11, 2, 12}));
}

TEST_F(Fibers, HaveTheirOwnExceptions) {
  struct Turn {
    std::string name;
    std::string rethrown;
  };
  const auto entry = [](Fiber& self, void* argument) noexcept {
    auto& turn = *static_cast<Turn*>(argument);
    try {
      throw std::runtime_error(turn.name);
    } catch (const std::runtime_error&) {
      self.suspend();  // another throws and catches meanwhile
      try {
        throw;
      } catch (const std::runtime_error& error) {
        turn.rethrown = error.what();
      }
    }
  };
  Turn one{"one", ""}, two{"two", ""};
  const auto first = make(entry, &one);
  const auto second = make(entry, &two);
  first->resume();
  second->resume();
  EXPECT_EQ(std::current_exception(), nullptr) << "the thread itself handles none";
  first->resume();
  second->resume();
  EXPECT_EQ(one.rethrown, "one");
  EXPECT_EQ(two.rethrown, "two");
}

TEST_F(Fibers, UseAStackAgain) {
  for (int round = 0; round < 1000; ++round) {
    const Stack stack = pool_.take().value();
    int depth = 50;
    Fiber fiber(
        stack,
        [](Fiber& self, void* argument) noexcept {
          volatile char room[4096];
          room[0] = 1;
          EXPECT_EQ(room[0], 1);
          int& left = *static_cast<int*>(argument);
          while (left-- > 0) self.suspend();
        },
        &depth);
    while (!fiber.ended()) fiber.resume();
    pool_.give_back(stack);
  }
  EXPECT_EQ(pool_.in_use(), 0u);
}

}  // namespace
}  // namespace zel::fiber
