// Why: most questions near the end of a search can be answered by looking at liberties alone, and most moves
// be ruled out. Everything here is a proof under the rules of position.hpp, for a position in which the side
// to move has no capture.
#pragma once

#include "liberty_sets.hpp"

namespace capture {

/// The moves of the side to move after which the opponent has no capture. Any other legal move loses in two
/// plies, so only these need a look.
struct SoundMoves {
  Points moves = 0;
  bool stuck = false;  // there is no legal move but suicide
};
SoundMoves sound_moves(Points empty, const LibertySets& mine);

/// How an attacker with so many moves left within so many plies of both sides can still get at a side's
/// chains. `near` are the points to attack now; every other move is too slow.
///
/// A chain loses at most one liberty per ply. One with at least two more than there are plies left is a
/// refuge: its side can always move there, so it is neither stuck nor made to fill a liberty elsewhere. The
/// attacker must then take each liberty of the chain it captures by a move of its own: a chain with more
/// liberties than the attacker has moves is safe, and one with as many must be attacked at once.
struct Reach {
  bool safe = false;
  Points near = ~Points{0};
};
Reach reach(const LibertySets& attacked, int attacker_moves, int plies);

}  // namespace capture
