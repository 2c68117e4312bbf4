// Why: see symmetry.hpp.
#include "symmetry.hpp"

#include <algorithm>

namespace capture {

namespace {

Points transpose(Points points) {
  Points swapped = (points ^ (points >> 7)) & 0x00aa00aa00aa00aau;
  points ^= swapped ^ (swapped << 7);
  swapped = (points ^ (points >> 14)) & 0x0000cccc0000ccccu;
  points ^= swapped ^ (swapped << 14);
  swapped = (points ^ (points >> 28)) & 0x00000000f0f0f0f0u;
  return points ^ swapped ^ (swapped << 28);
}

Points mirror_rows(Board board, Points points) {
  return __builtin_bswap64(points) >> (row_bits * (row_bits - board.height));
}

Points mirror_columns(Board board, Points points) {
  points = ((points >> 1) & 0x5555555555555555u) | ((points & 0x5555555555555555u) << 1);
  points = ((points >> 2) & 0x3333333333333333u) | ((points & 0x3333333333333333u) << 2);
  points = ((points >> 4) & 0x0f0f0f0f0f0f0f0fu) | ((points & 0x0f0f0f0f0f0f0f0fu) << 4);
  return points >> (row_bits - board.width);
}

/// Calls visit(symmetry) for each symmetry of the board.
template <class Visit>
void for_each_symmetry(Board board, Visit&& visit) {
  const int kinds = board.width == board.height ? 8 : 4;
  for (int kind = 0; kind < kinds; ++kind) visit(Symmetry{(kind & 4) != 0, (kind & 2) != 0, (kind & 1) != 0});
}

}  // namespace

Points Symmetry::apply(Board board, Points points) const {
  if (transposed) points = transpose(points);
  if (rows_mirrored) points = mirror_rows(board, points);
  if (columns_mirrored) points = mirror_columns(board, points);
  return points;
}

Points Symmetry::undo(Board board, Points points) const {
  if (columns_mirrored) points = mirror_columns(board, points);
  if (rows_mirrored) points = mirror_rows(board, points);
  if (transposed) points = transpose(points);
  return points;
}

Canonical canonical(Board board, Stones stones) {
  Canonical least{stones, {}};
  const auto offer = [&](const Stones& image, const Symmetry& symmetry) {
    if (image < least.stones) least = {image, symmetry};
  };
  const auto offer_mirrored = [&](const Stones& image, bool transposed) {
    const Stones columns{mirror_columns(board, image.first), mirror_columns(board, image.second)};
    const Stones rows{mirror_rows(board, image.first), mirror_rows(board, image.second)};
    const Stones both{mirror_rows(board, columns.first), mirror_rows(board, columns.second)};
    offer(image, {transposed, false, false});
    offer(columns, {transposed, false, true});
    offer(rows, {transposed, true, false});
    offer(both, {transposed, true, true});
  };
  offer_mirrored(stones, false);
  if (board.width == board.height) offer_mirrored({transpose(stones.first), transpose(stones.second)}, true);
  return least;
}

int representative(Board board, Stones stones, int index) {
  int least = index;
  for_each_symmetry(board, [&](const Symmetry& symmetry) {
    if (symmetry.apply(board, stones.first) != stones.first) return;
    if (symmetry.apply(board, stones.second) != stones.second) return;
    least = std::min(least, first_index(symmetry.apply(board, point(index))));
  });
  return least;
}

Points distinct_points(Board board, Stones stones, Points of) {
  Points chosen = 0;
  for_each_index(of, [&](int index) { chosen |= point(representative(board, stones, index)); });
  return chosen;
}

}  // namespace capture
