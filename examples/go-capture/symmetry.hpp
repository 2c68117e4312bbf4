// Why: a position and its mirror images are worth the same, so a search that knows one knows all eight (four
// if the board is not square). Each image is reached by at most three mirrorings of whole words.
#pragma once

#include <array>

#include "board.hpp"

namespace capture {

/// A symmetry of a board: first transpose (square boards only), then mirror rows, then mirror columns.
struct Symmetry {
  bool transposed = false;
  bool rows_mirrored = false;
  bool columns_mirrored = false;

  Points apply(Board board, Points points) const;
  Points undo(Board board, Points points) const;
};

/// A position without its side to move: the stones of one side and of the other.
struct Stones {
  Points first = 0;
  Points second = 0;
  constexpr auto operator<=>(const Stones&) const = default;
};

/// The least of all images of `stones`, and how it was reached.
struct Canonical {
  Stones stones;
  Symmetry symmetry;
};
Canonical canonical(Board board, Stones stones);

/// One of each set of points that the symmetries of this very position carry to one another: moves that
/// need not be tried twice. `of` are the points to choose from.
Points distinct_points(Board board, Stones stones, Points of);
/// The member of distinct_points() that stands for this point.
int representative(Board board, Stones stones, int index);

}  // namespace capture
