// Why: the tasks that several tests compute.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "zel/task.hpp"

namespace zel::task::example {

struct Fib {
  int n;
  long run() const {
    if (n < 2) return n;
    Spawned<Fib> left(Fib{n - 1});
    const long right = Fib{n - 2}.run();
    return left.sync() + right;
  }
};

/// Spawned tasks that Fib{n} makes.
inline std::uint64_t fib_spawns(int n) { return n < 2 ? 0 : 1 + fib_spawns(n - 1) + fib_spawns(n - 2); }

/// Counts the nodes of an unbalanced tree whose shape follows from a number.
struct Tree {
  std::uint32_t seed;
  int depth;

  static std::uint32_t mix(std::uint32_t x) {
    x = (x ^ (x >> 16U)) * 0x7feb352dU;
    x = (x ^ (x >> 15U)) * 0x846ca68bU;
    return x ^ (x >> 16U);
  }
  int children() const { return depth == 0 ? 0 : static_cast<int>(mix(seed) % 5U); }
  Tree child(int i) const { return {mix(seed + static_cast<std::uint32_t>(i) + 1U), depth - 1}; }

  long run() const {
    TaskGroup<Tree> group;
    for (int i = 0; i < children(); ++i) group.spawn(child(i));
    long nodes = 1;
    for (const long below : group.sync()) nodes += below;
    return nodes;
  }
  long count() const {
    long nodes = 1;
    for (int i = 0; i < children(); ++i) nodes += child(i).count();
    return nodes;
  }
};

/// A task and a result that msgpack carries.
struct Words {
  std::vector<std::string> words;
  ZEL_FIELDS(words)

  std::vector<std::string> run() const {
    if (words.size() == 1) return {words[0] + words[0]};
    const auto middle = words.begin() + static_cast<std::ptrdiff_t>(words.size() / 2);
    Spawned<Words> left(Words{{words.begin(), middle}});
    Spawned<Words> right(Words{{middle, words.end()}});
    std::vector<std::string> after = right.sync();
    std::vector<std::string> result = left.sync();
    result.insert(result.end(), after.begin(), after.end());
    return result;
  }
};

struct Fails {
  int value;
  int run() const {
    if (value < 0) throw std::runtime_error("value " + std::to_string(value));
    return value;
  }
};

}  // namespace zel::task::example
