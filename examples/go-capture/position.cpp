// Why: see position.hpp.
#include "position.hpp"

namespace capture {

std::string_view name_of(Colour colour) { return colour == Colour::black ? "black" : "white"; }
std::string_view name_of(Suicide rule) { return rule == Suicide::forbidden ? "forbidden" : "loses"; }
std::string_view name_of(Start start) {
  switch (start) {
    case Start::empty: return "empty";
    case Start::crosscut: return "crosscut";
    case Start::parallel_pairs: return "parallel-pairs";
  }
  return "";
}

Points chain_of(Points stones, Points seed) {
  for (Points chain = seed;;) {
    const Points grown = (chain | beside(chain)) & stones;
    if (grown == chain) return chain;
    chain = grown;
  }
}

namespace {

/// Calls visit(liberties) for each chain of `stones`.
template <class Visit>
void for_each_chain(Points stones, Points empty, Visit&& visit) {
  while (stones != 0) {
    const Points chain = chain_of(stones, first_point(stones));
    visit(chain, liberties_of(chain, empty));
    stones &= ~chain;
  }
}

}  // namespace

Choices choices(const Position& position) {
  const Points empty = position.empty();
  Choices found;
  for_each_chain(position.theirs(), empty, [&](Points, Points liberties) {
    if (is_one(liberties)) found.capturing |= liberties;
  });
  for_each_index(empty & ~found.capturing, [&](int index) {
    const Points stone = point(index);
    const Points chain = chain_of(position.mine() | stone, stone);
    const bool breathes = liberties_of(chain, empty & ~stone) != 0;
    (breathes ? found.quiet : found.suicidal) |= stone;
  });
  return found;
}

Points legal_moves(const Position& position, const Choices& choices) {
  const Points sane = choices.capturing | choices.quiet;
  return position.suicide == Suicide::loses ? sane | choices.suicidal : sane;
}

Position after(const Position& position, int index) {
  Position next = position;
  (position.to_move == Colour::black ? next.black : next.white) |= point(index);
  next.to_move = other(position.to_move);
  return next;
}

std::optional<int> breathless_stone(const Position& position) {
  std::optional<int> found;
  for (const Points stones : {position.black, position.white}) {
    for_each_chain(stones, position.empty(), [&](Points chain, Points liberties) {
      if (liberties == 0 && (!found || first_index(chain) < *found)) found = first_index(chain);
    });
  }
  return found;
}

std::optional<Position> opening(Board board, Start start, Suicide suicide) {
  Position position{.board = board, .suicide = suicide};
  if (start == Start::empty) return position;
  if (board.width < 2 || board.height < 2) return std::nullopt;
  const int column = board.width / 2 - 1, row = board.height / 2 - 1;
  const Points top_left = point(column, row), top_right = point(column + 1, row);
  const Points bottom_left = point(column, row + 1), bottom_right = point(column + 1, row + 1);
  const bool crosscut = start == Start::crosscut;
  position.black = top_left | (crosscut ? bottom_right : top_right);
  position.white = bottom_left | (crosscut ? top_right : bottom_right);
  if (breathless_stone(position)) return std::nullopt;
  return position;
}

}  // namespace capture
