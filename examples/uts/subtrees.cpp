// Why: see subtrees.hpp.
#include "subtrees.hpp"

#include <utility>
#include <zel/task.hpp>

namespace uts {
namespace {

/// Visits between two offers, about 50 microseconds. More of them cost more (1 % of the work at 512), fewer
/// let a thief wait: it is answered at the next offer.
constexpr std::uint32_t visits_between_offers = 512;
/// About 30 KB when packed.
constexpr std::size_t most_offered = 1024;

}  // namespace

// Half of what waits is offered each time, so a walk is soon at its end, and an offer that is walked here
// nests only as deep as halves can be halved: deep trees need no deep stack.
Tally Subtrees::run() const {
  Walk walk(tree, nodes);
  zel::TaskGroup<Subtrees> offers;
  while (walk.visit(visits_between_offers)) {
    std::vector<Node> offer = walk.give_away(most_offered);
    if (!offer.empty()) offers.spawn(Subtrees{tree, std::move(offer)});
  }
  Tally tally = walk.tally();
  for (const Tally& walked : offers.sync()) tally.add(walked);
  return tally;
}

}  // namespace uts
