// Why: whatever a walk gives away and to whom, all parts together are the whole tree, each node once.
#include "examples/uts/traversal.hpp"

#include <gtest/gtest.h>

#include <random>

#include "examples/uts/options.hpp"
#include "tests/examples/uts/trees.hpp"

namespace uts {
namespace {

Tree tree_of(const test::Known& known) {
  std::vector<const char*> argv{"uts"};
  for (const std::string& argument : known.arguments) argv.push_back(argument.c_str());
  return std::get<Options>(parse_options(static_cast<int>(argv.size()), argv.data())).tree;
}

class KnownTree : public testing::TestWithParam<test::Known> {};

TEST_P(KnownTree, HasThePublishedCounts) {
  const Tally tally = count_all(tree_of(GetParam()));
  EXPECT_EQ(tally.nodes, GetParam().tally.nodes);
  EXPECT_EQ(tally.leaves, GetParam().tally.leaves);
  EXPECT_EQ(tally.depth, GetParam().tally.depth);
}
INSTANTIATE_TEST_SUITE_P(Published, KnownTree,
                         testing::Values(test::t1, test::t2, test::t3, test::t4, test::t5), test::NameOf{});

TEST(Tree, ABalancedOneIsWhatArithmeticSays) {
  EXPECT_EQ(count_all({.kind = Kind::balanced, .depth = 5, .branching = 3}), (Tally{364, 243, 5}));
}

TEST(Tree, NoNodeHasMoreThanAHundredChildrenButTheRootOfABinomialTree) {
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    const Tree tree{.shape = Shape::fixed, .depth = 1, .branching = 1e6, .seed = seed};
    EXPECT_EQ(children_of(tree, root_of(tree)), most_children);
  }
  EXPECT_EQ(count_all({.kind = Kind::binomial, .branching = 1000, .inner_probability = 0}),
            (Tally{1001, 1000, 1}));
}

TEST(Tree, GrainCostsWorkAndChangesNothing) {
  Tree tree{.shape = Shape::fixed, .depth = 5, .seed = 19};
  const Tally once = count_all(tree);
  tree.grain = 3;
  EXPECT_EQ(count_all(tree), once);
}

TEST(Walk, PartsGivenAwayAtAnyMomentAreTheWholeTree) {
  const Tree tree{
      .kind = Kind::binomial, .branching = 200, .seed = 5, .inner_probability = 0.199, .inner_children = 5};
  const Tally whole = count_all(tree);
  ASSERT_GT(whole.nodes, 5'000u);
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](std::uint32_t limit) {
      return std::uniform_int_distribution(1u, limit)(random);
    };
    std::vector<std::vector<Node>> parts{{root_of(tree)}};
    Tally sum;
    while (!parts.empty()) {
      Walk walk(tree, std::move(parts.back()));
      parts.pop_back();
      while (walk.visit(below(300))) {
        const std::uint32_t most = below(50);
        std::vector<Node> given = walk.give_away(most);
        EXPECT_LE(given.size(), most);
        if (!given.empty()) parts.push_back(std::move(given));
      }
      sum.add(walk.tally());
    }
    EXPECT_EQ(sum, whole) << "seed " << seed;
  }
}

TEST(Walk, GivesEveryOtherNodeTheOldestFirstAndKeepsTheLast) {
  Walk walk({}, {{{}, 1}, {{}, 2}, {{}, 3}, {{}, 4}, {{}, 5}});
  const auto depths = [&walk](std::size_t at_most) {
    std::vector<std::uint32_t> result;
    for (const Node& node : walk.give_away(at_most)) result.push_back(node.depth);
    return result;
  };
  EXPECT_EQ(depths(1), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(depths(10), (std::vector<std::uint32_t>{2, 4}));
  EXPECT_EQ(depths(10), (std::vector<std::uint32_t>{3}));
  EXPECT_TRUE(depths(10).empty());
}

TEST(Walk, StopsWhereItIsToldAndGoesOn) {
  const Tree tree{.shape = Shape::fixed, .depth = 5, .seed = 19};
  Walk walk(tree, {root_of(tree)});
  EXPECT_TRUE(walk.visit(1));
  EXPECT_EQ(walk.tally().nodes, 1u);
  while (walk.visit(7)) {
  }
  EXPECT_EQ(walk.tally(), count_all(tree));
}

}  // namespace
}  // namespace uts
