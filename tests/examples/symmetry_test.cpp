// Why: a wrong mirror image would make the solver believe a result of another position.
#include "examples/go-capture/symmetry.hpp"

#include <set>
#include <utility>
#include <vector>

#include "tests/examples/positions.hpp"

namespace capture {
namespace {

std::vector<Symmetry> symmetries_of(Board board) {
  std::vector<Symmetry> all;
  for (const bool transposed : {false, true}) {
    if (transposed && board.width != board.height) continue;
    for (const bool rows : {false, true}) {
      for (const bool columns : {false, true}) all.push_back({transposed, rows, columns});
    }
  }
  return all;
}

/// The same point by point.
Points moved(Board board, const Symmetry& symmetry, Points points) {
  Points image = 0;
  for_each_index(points, [&](int index) {
    int column = column_of(index), row = row_of(index);
    if (symmetry.transposed) std::swap(column, row);
    if (symmetry.rows_mirrored) row = board.height - 1 - row;
    if (symmetry.columns_mirrored) column = board.width - 1 - column;
    image |= point(column, row);
  });
  return image;
}

TEST(Symmetry, MovesEveryPointWhereItShould) {
  for (std::uint8_t width = 1; width <= max_side; ++width) {
    for (std::uint8_t height = 1; height <= max_side; ++height) {
      const Board board{width, height};
      for (const Symmetry& symmetry : symmetries_of(board)) {
        for_each_index(board.points(), [&](int index) {
          const Points image = symmetry.apply(board, point(index));
          EXPECT_EQ(image, moved(board, symmetry, point(index)));
          EXPECT_EQ(symmetry.undo(board, image), point(index));
        });
      }
    }
  }
}

TEST(Symmetry, AllImagesHaveOneCanonicalForm) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    const Position position = test::scattered(random, max_points);
    const Board board = position.board;
    const Canonical expected = canonical(board, {position.black, position.white});
    EXPECT_EQ(expected.symmetry.apply(board, position.black), expected.stones.first);
    EXPECT_EQ(expected.symmetry.undo(board, expected.stones.second), position.white);
    for (const Symmetry& symmetry : symmetries_of(board)) {
      const Stones image{moved(board, symmetry, position.black), moved(board, symmetry, position.white)};
      EXPECT_EQ(canonical(board, image).stones, expected.stones);
    }
  }
}

TEST(Symmetry, DifferentPositionsHaveDifferentCanonicalForms) {
  const Board board{2, 2};
  std::set<Stones> forms;
  for (const Points black : {point(0, 0), point(1, 0), point(0, 1), point(1, 1)}) {
    for (const Points white : {point(0, 0), point(1, 0), point(0, 1), point(1, 1)}) {
      if (black != white) forms.insert(canonical(board, {black, white}).stones);
    }
  }
  EXPECT_EQ(forms.size(), 2u);  // side by side, or across
}

TEST(Symmetry, FirstMovesThatMirrorOneAnotherAreTriedOnce) {
  EXPECT_EQ(count(distinct_points({5, 5}, {}, Board{5, 5}.points())), 6);
  EXPECT_EQ(count(distinct_points({4, 4}, {}, Board{4, 4}.points())), 3);
  EXPECT_EQ(count(distinct_points({3, 4}, {}, Board{3, 4}.points())), 4);
  // A crosscut has the diagonals for mirrors, and the half turn that is both.
  const Position crosscut = test::opened(4, 4, Start::crosscut);
  EXPECT_EQ(count(distinct_points(crosscut.board, {crosscut.black, crosscut.white}, crosscut.empty())), 4);
}

TEST(Symmetry, ARepresentativeIsOneOfTheDistinctPoints) {
  const Position position = test::opened(6, 6, Start::parallel_pairs);
  const Stones stones{position.black, position.white};
  const Points distinct = distinct_points(position.board, stones, position.empty());
  for_each_index(position.empty(), [&](int index) {
    EXPECT_NE(point(representative(position.board, stones, index)) & distinct, 0u);
  });
}

}  // namespace
}  // namespace capture
