// Why: see move_order.hpp. The weights are those that solved 4×4 and 5×5 boards with the fewest positions.
#include "move_order.hpp"

namespace capture {

namespace {

constexpr int leading = 1'000'000;
/// Shared among a chain's liberties: the fewer it has, the more one of them is worth.
constexpr int chain_weight = 96;

}  // namespace

MoveOrder::MoveOrder(Points moves, Points empty, const LibertySets& mine, const LibertySets& theirs,
                     int first) {
  std::array<int, LibertySets::capacity> weights;
  int* weight = weights.data();
  for (const Points set : theirs) *weight++ = chain_weight / count(set);
  std::array<int, max_points> merits;
  for_each_index(moves, [&](int index) {
    const Points stone = point(index);
    const Points fresh = beside(stone) & empty;
    int merit = index == first ? leading : count(mine.joined(stone, fresh)) + count(fresh);
    weight = weights.data();
    for (const Points set : theirs) {
      merit += (set & stone) != 0 ? *weight : 0;
      ++weight;
    }
    auto at = static_cast<std::size_t>(size_++);
    for (; at > 0 && merits[at - 1] < merit; --at) {
      merits[at] = merits[at - 1];
      list_[at] = list_[at - 1];
    }
    merits[at] = merit;
    list_[at] = static_cast<std::uint8_t>(index);
  });
}

}  // namespace capture
