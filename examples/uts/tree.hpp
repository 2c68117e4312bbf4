// Why: the trees of the Unbalanced Tree Search benchmark, after Olivier, Huan, Liu, Prins, Dinan, Sadayappan,
// Tseng: "UTS: An Unbalanced Tree Search Benchmark" (LCPC 2006), and the parameters of its version 1.1. How
// many children a node has is known only when it is visited, and no share of the tree can be foretold.
#pragma once

#include <cstdint>
#include <string_view>
#include <zel/pack.hpp>

#include "random.hpp"

namespace uts {

enum class Kind : std::uint8_t { binomial = 0, geometric = 1, hybrid = 2, balanced = 3 };
/// How the expected number of children of a geometric tree changes with the depth.
enum class Shape : std::uint8_t { linear = 0, exponential = 1, cyclic = 2, fixed = 3 };
std::string_view name_of(Kind kind);
std::string_view name_of(Shape shape);

}  // namespace uts
ZEL_ENUM(uts::Kind)
ZEL_ENUM(uts::Shape)
namespace uts {

/// With the defaults of the published benchmark.
struct Tree {
  Kind kind = Kind::geometric;           // -t
  Shape shape = Shape::linear;           // -a
  std::uint32_t depth = 6;               // -d  of a geometric tree; a cyclic one can be five times as deep
  double branching = 4;                  // -b  expected children of the root
  std::uint32_t seed = 0;                // -r
  double inner_probability = 15.0 / 64;  // -q  that a binomial node has children
  std::uint32_t inner_children = 4;      // -m  how many it has then
  double hybrid_share = 0.5;             // -f  of the depth in which a hybrid tree is geometric
  std::uint32_t grain = 1;               // -g  digests a child costs

  ZEL_FIELDS(kind, shape, depth, branching, seed, inner_probability, inner_children, hybrid_share, grain)
};

struct Node {
  Stream stream{};
  std::uint32_t depth = 0;

  ZEL_FIELDS(stream, depth)
};

/// All nodes have at most so many children; only the root of a binomial tree may have more.
inline constexpr std::uint32_t most_children = 100;

Node root_of(const Tree& tree);
std::uint32_t children_of(const Tree& tree, const Node& node);
inline Node child_of(const Tree& tree, const Node& parent, std::uint32_t number) {
  Node child{child_stream(parent.stream, number), parent.depth + 1};
  for (std::uint32_t again = 1; again < tree.grain; ++again) {
    // The same digest once more; the compiler may not know that.
    asm volatile("" : "+m"(child.stream));
    child.stream = child_stream(parent.stream, number);
  }
  return child;
}

}  // namespace uts
