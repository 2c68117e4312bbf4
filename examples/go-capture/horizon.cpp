// Why: see horizon.hpp.
#include "horizon.hpp"

#include <algorithm>

namespace capture {

SoundMoves sound_moves(Points empty, const LibertySets& mine) {
  Points last = 0, of_two = 0, of_more = 0;
  for (const Points set : mine) {
    const Points others = without_first(set);
    (others == 0 ? last : has_two(others) ? of_more : of_two) |= set;
  }
  const Points fresh = beside(empty);
  // Beside two empty points, or joining a chain that keeps two liberties: the new chain is not in atari.
  Points moves = empty & (beside_two(empty) | of_more);
  for_each_index(empty & ~moves & (fresh | of_two | last), [&](int index) {
    const Points stone = point(index);
    if (has_two(mine.joined(stone, beside(stone) & empty))) moves |= stone;
  });
  // Of several chains in atari all but one are lost; of one, only its last liberty saves it.
  if (last != 0) moves = is_one(last) ? moves & last : 0;
  return {.moves = moves, .stuck = moves == 0 && (empty & (fresh | of_two | of_more)) == 0};
}

Reach reach(const LibertySets& attacked, int attacker_moves, int plies) {
  int least = max_points, most = 0;
  Points slimmest = 0;
  for (const Points set : attacked) {
    const int liberties = count(set);
    most = std::max(most, liberties);
    if (liberties > least) continue;
    slimmest = liberties < least ? set : slimmest | set;
    least = liberties;
  }
  if (most < plies + 2) return {};
  if (least > attacker_moves) return {.safe = true, .near = 0};
  if (least == attacker_moves) return {.safe = false, .near = slimmest};
  return {};
}

}  // namespace capture
