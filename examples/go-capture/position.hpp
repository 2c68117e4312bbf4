// Why: the rules of First Capture Go, in the plainest form that is right: chains are found by filling.
// Black moves first unless said otherwise; whoever captures any stone wins at once; a side that cannot move
// loses; there is no passing. A move that would leave its own chain without a liberty is suicide, unless it
// captures. Suicide is forbidden, or allowed and then loses at once. The two searches have faster forms of
// the same rules and are tested against this one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "board.hpp"

namespace capture {

enum class Colour : std::uint8_t { black, white };
constexpr Colour other(Colour colour) { return colour == Colour::black ? Colour::white : Colour::black; }
std::string_view name_of(Colour colour);

enum class Suicide : std::uint8_t { forbidden, loses };
std::string_view name_of(Suicide rule);

enum class Start : std::uint8_t { empty, crosscut, parallel_pairs };
std::string_view name_of(Start start);

/// A game to go on with: nothing has been captured yet. Trivially copyable, so it can be sent as it is.
struct Position {
  Board board;
  Colour to_move = Colour::black;
  Suicide suicide = Suicide::forbidden;
  Points black = 0;
  Points white = 0;

  Points empty() const { return board.points() & ~(black | white); }
  Points mine() const { return to_move == Colour::black ? black : white; }
  Points theirs() const { return to_move == Colour::black ? white : black; }
  bool operator==(const Position&) const = default;
};

/// The chain of `stones` that holds the point `seed`.
Points chain_of(Points stones, Points seed);
/// The empty points beside a chain.
inline Points liberties_of(Points chain, Points empty) { return beside(chain) & empty; }

/// The empty points, by what playing there does. Disjoint; together they are all empty points.
struct Choices {
  Points capturing = 0;  // wins
  Points quiet = 0;      // the game goes on
  Points suicidal = 0;   // forbidden, or loses
};
Choices choices(const Position& position);
/// The moves that the rules allow.
Points legal_moves(const Position& position, const Choices& choices);

/// The position after a quiet move.
Position after(const Position& position, int index);

/// A stone without a liberty, if there is one: such a position cannot arise.
std::optional<int> breathless_stone(const Position& position);

/// The opening position: Black to move, and for a start other than empty the centre 2×2 block, whose top
/// left is at column width/2 − 1 and row height/2 − 1. Nothing if the block does not fit or a stone of it
/// would have no liberty.
std::optional<Position> opening(Board board, Start start, Suicide suicide);

}  // namespace capture
