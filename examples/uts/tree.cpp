// Why: see tree.hpp. The formulas are evaluated exactly as they are published: a count is right or wrong.
#include "tree.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace uts {
namespace {

constexpr std::uint32_t cycles_before_the_end = 5;

/// The expected number of children of a geometric node.
double expected_children(const Tree& tree, std::uint32_t node_depth) {
  if (node_depth == 0) return tree.branching;
  const double depth = node_depth;
  const double limit = tree.depth;
  switch (tree.shape) {
    case Shape::linear: return tree.branching * (1.0 - depth / limit);
    case Shape::exponential:
      return tree.branching * std::pow(depth, -std::log(tree.branching) / std::log(limit));
    case Shape::cyclic:
      if (node_depth > cycles_before_the_end * tree.depth) return 0;
      return std::pow(tree.branching, std::sin(2.0 * std::numbers::pi * depth / limit));
    case Shape::fixed: return node_depth < tree.depth ? tree.branching : 0;
  }
  return 0;
}

std::uint32_t geometric_children(const Tree& tree, const Node& node) {
  const double expected = expected_children(tree, node.depth);
  if (!(expected > 0)) return 0;
  const double p = 1.0 / (1.0 + expected);
  const double children = std::floor(std::log(1.0 - uniform(node.stream)) / std::log(1.0 - p));
  return static_cast<std::uint32_t>(std::min<double>(children, most_children));
}

std::uint32_t binomial_children(const Tree& tree, const Node& node) {
  return uniform(node.stream) < tree.inner_probability ? std::min(tree.inner_children, most_children) : 0;
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::binomial: return "binomial";
    case Kind::geometric: return "geometric";
    case Kind::hybrid: return "hybrid";
    case Kind::balanced: return "balanced";
  }
  return "?";
}

std::string_view name_of(Shape shape) {
  switch (shape) {
    case Shape::linear: return "linear";
    case Shape::exponential: return "exponential";
    case Shape::cyclic: return "cyclic";
    case Shape::fixed: return "fixed";
  }
  return "?";
}

Node root_of(const Tree& tree) { return {root_stream(tree.seed), 0}; }

std::uint32_t children_of(const Tree& tree, const Node& node) {
  switch (tree.kind) {
    case Kind::binomial:
      return node.depth == 0 ? static_cast<std::uint32_t>(tree.branching) : binomial_children(tree, node);
    case Kind::geometric: return geometric_children(tree, node);
    case Kind::hybrid:
      return node.depth < tree.hybrid_share * tree.depth ? geometric_children(tree, node)
                                                         : binomial_children(tree, node);
    case Kind::balanced: return node.depth < tree.depth ? static_cast<std::uint32_t>(tree.branching) : 0;
  }
  return 0;
}

}  // namespace uts
