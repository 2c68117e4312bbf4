// Why: the walk itself is in narrow_walk.cpp; this is what stands above it, in the plain terms of the rules.
#include "exhaustive.hpp"

#include <algorithm>

#include "narrow_walk.hpp"

namespace capture {

Ply one_ply(const Position& position) {
  const Choices found = choices(position);
  const auto captures = static_cast<std::uint64_t>(count(found.capturing));
  const auto suicides =
      position.suicide == Suicide::loses ? static_cast<std::uint64_t>(count(found.suicidal)) : 0;
  Ply ply{
      .quiet = found.quiet,
      .ended = {.nodes = 1 + captures + suicides, .leaves = captures + suicides, .value = Value::loss_in(0)}};
  if (legal_moves(position, found) == 0) ply.ended.leaves = 1;
  if (suicides != 0) ply.ended.value = Value::loss_in(1);
  if (captures != 0) ply.ended.value = Value::win_in(1);
  return ply;
}

void add(Tally& parent, const Tally& child) {
  parent.nodes += child.nodes;
  parent.leaves += child.leaves;
  parent.value = std::max(parent.value, child.value.one_ply_before());
}

Tally count_tree(const Position& position) {
  if (const auto tally = narrow_walk(position)) return *tally;
  Ply ply = one_ply(position);
  for_each_index(ply.quiet, [&](int index) { add(ply.ended, count_tree(after(position, index))); });
  return ply.ended;
}

}  // namespace capture
