// Why: counts of whole game trees are exact numbers, found three times independently; one wrong node shows.
#include "examples/go-capture/exhaustive.hpp"

#include <array>

#include "examples/go-capture/narrow_walk.hpp"
#include "tests/examples/positions.hpp"

namespace capture {
namespace {

using test::opened;

struct Tree {
  const char* name;
  int width;
  int height;
  Start start;
  Suicide suicide;
  Tally tally;
};
void PrintTo(const Tree& tree, std::ostream* stream) { *stream << tree.name; }

class WholeTree : public testing::TestWithParam<Tree> {};

TEST_P(WholeTree, HasTheKnownNumberOfNodesAndLeaves) {
  const Tree& tree = GetParam();
  const Tally tally = count_tree(opened(tree.width, tree.height, tree.start, tree.suicide));
  EXPECT_EQ(tally.nodes, tree.tally.nodes);
  EXPECT_EQ(tally.value.signed_plies(), tree.tally.value.signed_plies());
  if (tree.tally.leaves != 0) {
    EXPECT_EQ(tally.leaves, tree.tally.leaves);
  }
}

constexpr Start none = Start::empty;
constexpr Suicide forbidden = Suicide::forbidden;
constexpr Suicide loses = Suicide::loses;
INSTANTIATE_TEST_SUITE_P(
    Known, WholeTree,
    testing::Values(
        Tree{"of_2x2", 2, 2, none, forbidden, {57, 24, Value::loss_in(4)}},
        Tree{"of_2x3", 2, 3, none, forbidden, {1'117, 520, Value::loss_in(6)}},
        Tree{"of_3x2", 3, 2, none, forbidden, {1'117, 520, Value::loss_in(6)}},
        Tree{"of_3x3", 3, 3, none, forbidden, {342'810, 175'720, Value::win_in(7)}},
        Tree{"of_3x4", 3, 4, none, forbidden, {266'061'513, 143'794'168, Value::win_in(9)}},
        Tree{"of_4x4_crosscut", 4, 4, Start::crosscut, forbidden, {63'109'809, 40'643'988, Value::win_in(5)}},
        // With suicide only the number of nodes is known from elsewhere.
        Tree{"of_2x2_with_suicide", 2, 2, none, loses, {57, 0, Value::loss_in(4)}},
        Tree{"of_3x3_with_suicide", 3, 3, none, loses, {397'258, 0, Value::win_in(7)}},
        Tree{"of_one_point", 1, 1, none, forbidden, {1, 1, Value::loss_in(0)}}),
    test::CaseName{});

using PlyCounts = std::array<std::uint64_t, 10>;
struct Plies {
  PlyCounts nodes{};
  PlyCounts captured{};
  std::uint64_t stuck = 0;
};

void count_plies(const Position& position, std::size_t depth, Plies& plies) {
  const Choices found = choices(position);
  ++plies.nodes[depth];
  if (legal_moves(position, found) == 0) {
    ++plies.stuck;
    return;
  }
  const auto captures = static_cast<std::uint64_t>(count(found.capturing));
  plies.nodes[depth + 1] += captures;
  plies.captured[depth + 1] += captures;
  for_each_index(found.quiet, [&](int index) { count_plies(after(position, index), depth + 1, plies); });
}

TEST(Exhaustive, EveryPlyOf3x3HasTheKnownNumberOfNodes) {
  Plies plies;
  count_plies(opened(3, 3), 0, plies);
  EXPECT_EQ(plies.nodes, (PlyCounts{1, 9, 72, 504, 2928, 13952, 48000, 114912, 118656, 43776}));
  EXPECT_EQ(plies.captured, (PlyCounts{0, 0, 0, 8, 96, 1184, 6672, 34560, 74880, 43776}));
  EXPECT_EQ(plies.stuck, 175'720u - 161'176u);  // the leaves that are no captures
}

TEST(Exhaustive, TheNarrowWalkFollowsTheRules) {
  std::mt19937 random(4);
  int narrow = 0;
  for (int i = 0; i < 2'000; ++i) {
    const Position position = test::scattered(random, 7);
    const auto walked = narrow_walk(position);
    if (!walked) continue;
    ++narrow;
    ASSERT_EQ(*walked, test::plainly_counted(position)) << print_diagram(position);
  }
  EXPECT_GT(narrow, 1'000);
}

TEST(Exhaustive, ATreeIsTheSumOfItsSubtreesHoweverItIsCut) {
  const Position root = opened(3, 3);
  Ply ply = one_ply(root);
  for_each_index(ply.quiet, [&](int index) {
    const Position child = after(root, index);
    Ply below = one_ply(child);
    for_each_index(below.quiet, [&](int reply) { add(below.ended, count_tree(after(child, reply))); });
    EXPECT_EQ(below.ended, count_tree(child));
    add(ply.ended, below.ended);
  });
  EXPECT_EQ(ply.ended, count_tree(root));
}

TEST(Exhaustive, APositionWithMoreChainsThanLanesIsCountedAllTheSame) {
  const Position position = test::drawn(
      "X . X . X . X\n"
      "O O O O O O O\n"
      "X . X . X . X\n"
      "O O O O O O O\n"
      "X X . X X X X\n");
  EXPECT_FALSE(narrow_walk(position));
  EXPECT_EQ(count_tree(position), test::plainly_counted(position));
}

}  // namespace
}  // namespace capture
