// Why: see traversal.hpp.
#include "traversal.hpp"

#include <limits>

namespace uts {

bool Walk::visit(std::uint32_t at_most) {
  Tally tally = tally_;
  for (; at_most > 0 && waiting_.size() > front_; --at_most) {
    const Node node = waiting_.back();
    waiting_.pop_back();
    ++tally.nodes;
    tally.depth = std::max(tally.depth, node.depth);
    const std::uint32_t children = children_of(tree_, node);
    if (children == 0) ++tally.leaves;
    for (std::uint32_t number = 0; number < children; ++number) {
      waiting_.push_back(child_of(tree_, node, number));
    }
  }
  tally_ = tally;
  return waiting_.size() > front_;
}

std::vector<Node> Walk::give_away(std::size_t at_most) {
  const std::size_t count = std::min(at_most, (waiting_.size() - front_) / 2);
  std::vector<Node> given(count);
  // Of the front's pairs the first is given and the second kept, in the back half of where they were.
  for (std::size_t pair = count; pair-- > 0;) {
    given[pair] = waiting_[front_ + 2 * pair];
    waiting_[front_ + count + pair] = waiting_[front_ + 2 * pair + 1];
  }
  front_ += count;
  // Moved up only when as many were given away as are left, so each node is moved once on average.
  if (front_ >= waiting_.size() - front_) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }
  return given;
}

Tally count_all(const Tree& tree) {
  Walk walk(tree, {root_of(tree)});
  while (walk.visit(std::numeric_limits<std::uint32_t>::max())) {
  }
  return walk.tally();
}

}  // namespace uts
