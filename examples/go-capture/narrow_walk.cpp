// Why: this is where all the time goes, so a node is a few dozen instructions. A side is its chains' liberty
// sets (see liberty_sets.hpp). With at most sixteen points left, renumbered 0 … 15, a set fits 16 bits and
// the chains of a side are the eight lanes of one 128-bit register: each instruction handles them all. A
// stone's chain goes to a lane that no earlier chain had, so nothing is ever moved; empty lanes are zero.
#include "narrow_walk.hpp"

#include <algorithm>
#include <array>
#include <bit>

#include "liberty_sets.hpp"

namespace capture {

namespace {

using Set = std::uint16_t;
constexpr int narrow_points = 16;
constexpr int lane_count = 8;
using Lanes = Set __attribute__((vector_size(lane_count * sizeof(Set))));
using Halves = std::uint64_t __attribute__((vector_size(lane_count * sizeof(Set))));

inline Set rest_of(Set set) { return static_cast<Set>(set & (set - 1)); }
inline Lanes in_all(Set set) { return Lanes{} + set; }
/// The lanes' sets that have one point at most; the others become empty.
inline Lanes lone(Lanes sets) { return sets & reinterpret_cast<Lanes>((sets & (sets - 1)) == 0); }
/// The lanes' sets that have two points at least.
inline Lanes roomy(Lanes sets) { return sets & reinterpret_cast<Lanes>((sets & (sets - 1)) != 0); }
/// All ones where the lane's set holds all of `points`.
inline Lanes holding(Lanes sets, Lanes points) { return reinterpret_cast<Lanes>((sets & points) == points); }

/// The union of all lanes.
inline Set united(Lanes sets) {
  const Halves halves = reinterpret_cast<Halves>(sets);
  const std::uint64_t four = halves[0] | halves[1];
  const std::uint64_t two = four | four >> 32;
  return static_cast<Set>(two | two >> 16);
}

/// How many points a set has: baseline x86-64 has no instruction for it.
struct Counts {
  std::array<std::uint8_t, 256> of_byte{};
  constexpr Counts() {
    for (unsigned byte = 0; byte < 256; ++byte)
      of_byte[byte] = static_cast<std::uint8_t>(std::popcount(byte));
  }
};
constexpr Counts counts;
inline unsigned count_of(Set set) { return unsigned{counts.of_byte[set & 0xff]} + counts.of_byte[set >> 8]; }

/// `points`, renumbered by their order among the empty ones.
Set narrowed(Points points, Points empty) {
  unsigned set = 0;
  unsigned next = 0;
  for_each_index(empty, [&](int index) { set |= ((points & point(index)) != 0 ? 1u : 0u) << next++; });
  return static_cast<Set>(set);
}

/// How the points that were empty at the root lie to one another.
struct Ground {
  std::array<Set, narrow_points> neighbours{};
  std::array<std::array<Set, 256>, 2> beside_byte{};

  explicit Ground(Points empty) {
    std::size_t next = 0;
    for_each_index(empty, [&](int index) { neighbours[next++] = narrowed(beside(point(index)), empty); });
    for (std::size_t byte = 1; byte < 256; ++byte) {
      const auto first = static_cast<std::size_t>(std::countr_zero(byte));
      for (std::size_t half = 0; half < 2; ++half) {
        beside_byte[half][byte] = beside_byte[half][byte & (byte - 1)] | neighbours[first + 8 * half];
      }
    }
  }
  Set beside_any(Set set) const { return beside_byte[0][set & 0xff] | beside_byte[1][set >> 8]; }
};

/// A side's chains as lanes.
struct Side {
  Lanes sets{};
  int chains = 0;
};

/// Nothing if lanes could run out: every stone still to be played may need one more.
std::optional<Side> side_of(Points stones, Points empty, int stones_to_come) {
  const LibertySets chains = liberty_sets(stones, empty);
  if (chains.size() + stones_to_come > lane_count) return std::nullopt;
  Side side;
  for (const Points set : chains) side.sets[side.chains++] = narrowed(set, empty);
  return side;
}

constexpr int lost = Value::loss_in(0).score();

template <Suicide suicide>
class Walk {
 public:
  Walk(Points empty, int my_chains, int their_chains) : ground_(empty) {
    for (int turn = 0; turn < narrow_points; ++turn) {
      const int lane = (turn % 2 == 0 ? my_chains : their_chains) + turn / 2;
      if (lane < lane_count) free_lane_[static_cast<std::size_t>(turn)][lane] = 0xffff;
    }
  }

  Tally run(Set empty, Lanes mine, Lanes theirs) {
    const int score = visit(empty, mine, theirs, free_lane_.data());
    return {nodes_, leaves_, Value::of_score(score)};
  }

 private:
  /// A move: the chains that the stone does not touch, and the liberties of the one that it makes.
  struct Move {
    Set left;
    Lanes stone;
    Lanes untouched;
    Set joined;
  };
  Move move(Set empty, Lanes mine, Set quiet) const {
    const auto index = static_cast<unsigned>(std::countr_zero(quiet));
    const Set stone = static_cast<Set>(1u << index);
    const Set left = static_cast<Set>(empty ^ stone);
    const Lanes stones = in_all(stone);
    const Lanes touched = holding(mine, stones);
    const Set joined = static_cast<Set>((united(mine & touched) | ground_.neighbours[index]) & left);
    return {left, stones, mine & ~touched, joined};
  }

  int visit(Set empty, Lanes mine, Lanes theirs, const Lanes* free_lane);
  int finish(Set empty, Lanes mine, Lanes theirs, Set quiet, int best);

  Ground ground_;
  std::array<Lanes, narrow_points> free_lane_{};
  std::uint64_t nodes_ = 0;
  std::uint64_t leaves_ = 0;
};

/// The score of the side to move. Moves that end the game are counted here, the others visited.
template <Suicide suicide>
int Walk<suicide>::visit(Set empty, Lanes mine, Lanes theirs, const Lanes* free_lane) {
  const Set captures = united(lone(theirs));
  Set quiet = static_cast<Set>(empty & (ground_.beside_any(empty) | united(roomy(mine))) & ~captures);
  int best = captures != 0 ? Value::win_in(1).score() : lost;
  std::uint64_t ended = count_of(captures);
  if constexpr (suicide == Suicide::loses) {
    const Set suicides = static_cast<Set>(empty & ~(quiet | captures));
    ended += count_of(suicides);
    if (suicides != 0) best = std::max(best, Value::loss_in(1).score());
  }
  nodes_ += 1 + ended;
  leaves_ += ended;
  if (quiet == 0) {
    if (ended == 0) ++leaves_;
    return best;
  }
  const Set two_fewer = rest_of(rest_of(empty));
  if (two_fewer != 0 && rest_of(two_fewer) == 0) return finish(empty, mine, theirs, quiet, best);
  do {
    const Move next = move(empty, mine, quiet);
    const Lanes grown = next.untouched | (in_all(next.joined) & *free_lane);
    const int score = visit(next.left, theirs & ~next.stone, grown, free_lane + 1);
    best = std::max(best, score > 0 ? 1 - score : -1 - score);
    quiet = rest_of(quiet);
  } while (quiet != 0);
  return best;
}

/// The quiet moves of a position with three empty points, without recursion. Two are left to the other side.
/// If one of them is quiet, the last point is then every chain's last liberty, and taking it captures.
template <Suicide suicide>
int Walk<suicide>::finish(Set empty, Lanes mine, Lanes theirs, Set quiet, int best) {
  std::uint64_t nodes = 0, leaves = 0;
  do {
    const Move next = move(empty, mine, quiet);
    const Lanes left = in_all(next.left);
    const Set captures =
        static_cast<Set>(united(lone(next.untouched)) | (rest_of(next.joined) == 0 ? next.joined : Set{0}));
    const Set breathing = static_cast<Set>(united(holding(theirs, left)) | ground_.beside_any(next.left));
    const unsigned capture_count = count_of(captures);
    const unsigned quiet_count = count_of(static_cast<Set>(breathing & next.left & ~captures));
    const unsigned suicide_count = suicide == Suicide::loses ? 2 - capture_count - quiet_count : 0;
    const unsigned leaf_count = capture_count + quiet_count + suicide_count;
    nodes += 1 + leaf_count + quiet_count;
    leaves += leaf_count != 0 ? leaf_count : 1;
    const Value value = capture_count != 0   ? Value::loss_in(2)
                        : quiet_count != 0   ? Value::win_in(3)
                        : suicide_count != 0 ? Value::win_in(2)
                                             : Value::win_in(1);
    best = std::max(best, value.score());
    quiet = rest_of(quiet);
  } while (quiet != 0);
  nodes_ += nodes;
  leaves_ += leaves;
  return best;
}

template <Suicide suicide>
Tally walk(Points empty, const Side& mine, const Side& theirs) {
  return Walk<suicide>(empty, mine.chains, theirs.chains).run(narrowed(empty, empty), mine.sets, theirs.sets);
}

}  // namespace

std::optional<Tally> narrow_walk(const Position& position) {
  const Points empty = position.empty();
  const int left = count(empty);
  if (left > narrow_points) return std::nullopt;
  const auto mine = side_of(position.mine(), empty, (left + 1) / 2);
  const auto theirs = side_of(position.theirs(), empty, left / 2);
  if (!mine || !theirs) return std::nullopt;
  return position.suicide == Suicide::loses ? walk<Suicide::loses>(empty, *mine, *theirs)
                                            : walk<Suicide::forbidden>(empty, *mine, *theirs);
}

}  // namespace capture
