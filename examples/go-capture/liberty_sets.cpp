// Why: see liberty_sets.hpp.
#include "liberty_sets.hpp"

#include "position.hpp"

namespace capture {

LibertySets liberty_sets(Points stones, Points empty) {
  LibertySets sets;
  while (stones != 0) {
    const Points chain = chain_of(stones, first_point(stones));
    sets.add(liberties_of(chain, empty));
    stones &= ~chain;
  }
  return sets;
}

}  // namespace capture
