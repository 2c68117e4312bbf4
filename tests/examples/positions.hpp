// Why: the tests of the example draw their positions, and make others up from a seed.
#pragma once

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <variant>

#include "examples/go-capture/diagram.hpp"
#include "examples/go-capture/exhaustive.hpp"
#include "examples/go-capture/position.hpp"

namespace capture::test {

inline Position drawn(std::string_view diagram, Colour to_move = Colour::black,
                      Suicide suicide = Suicide::forbidden) {
  const auto parsed = parse_diagram(diagram, to_move, suicide);
  if (const auto* wrong = std::get_if<DiagramError>(&parsed)) {
    ADD_FAILURE() << wrong->line << ":" << wrong->column << ": " << wrong->text;
    return {};
  }
  return std::get<Position>(parsed);
}

inline Position opened(int width, int height, Start start = Start::empty,
                       Suicide suicide = Suicide::forbidden) {
  const Board board{static_cast<std::uint8_t>(width), static_cast<std::uint8_t>(height)};
  const auto position = opening(board, start, suicide);
  EXPECT_TRUE(position.has_value());
  return position.value_or(Position{});
}

/// A legal position with at most `most_empty` empty points, on any board and under either rule. Stones are
/// scattered rather than played, so it may be one that no game leads to.
inline Position scattered(std::mt19937& random, int most_empty) {
  for (;;) {
    Position position;
    position.board.width = static_cast<std::uint8_t>(1 + random() % max_side);
    position.board.height = static_cast<std::uint8_t>(1 + random() % max_side);
    position.to_move = random() % 2 == 0 ? Colour::black : Colour::white;
    position.suicide = random() % 2 == 0 ? Suicide::forbidden : Suicide::loses;
    for_each_index(position.board.points(), [&](int index) {
      const auto drawn = random() % 7;
      if (drawn < 6) (drawn < 3 ? position.black : position.white) |= point(index);
    });
    while (const auto stone = breathless_stone(position)) {
      position.black &= ~point(*stone);
      position.white &= ~point(*stone);
    }
    if (count(position.empty()) <= most_empty) return position;
  }
}

/// Names a case of a parametrised test by its field `name`.
struct CaseName {
  template <class Case>
  std::string operator()(const testing::TestParamInfo<Case>& info) const {
    return info.param.name;
  }
};

/// The whole tree by nothing but the rules: what the faster code is held against.
inline Tally plainly_counted(const Position& position) {
  Ply ply = one_ply(position);
  for_each_index(ply.quiet, [&](int index) { add(ply.ended, plainly_counted(after(position, index))); });
  return ply.ended;
}

}  // namespace capture::test
