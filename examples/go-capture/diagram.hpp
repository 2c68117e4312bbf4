// Why: people write positions as they look. A diagram has one line per row, top first, and one character per
// point: '.' empty, 'X' or 'B' black, 'O' or 'W' white (small letters too). Spaces between points and blank
// lines do not count.
//
//     X O .
//     O X .
//     . . .
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "position.hpp"

namespace capture {

/// What is wrong with a diagram, and where: line and column of the text, from 1.
struct DiagramError {
  int line = 1;
  int column = 1;
  std::string text;
};

/// The board is as large as the diagram. Refuses what cannot arise: a stone without a liberty.
std::variant<Position, DiagramError> parse_diagram(std::string_view text, Colour to_move, Suicide suicide);

/// The same of a file of at most max_diagram_bytes. The error is one line that names the file.
inline constexpr std::size_t max_diagram_bytes = 4096;
std::variant<Position, std::string> read_diagram(const std::string& path, Colour to_move, Suicide suicide);

/// The rows of a position, joined by `separator`, without spaces: parse_diagram() reads it back if the
/// separator is a newline.
std::string print_diagram(const Position& position, std::string_view separator = "\n");

/// The name of a point: column letter from the left, row number from below, as "B3".
std::string name_of_point(Board board, int index);

/// A board with its coordinates around it. `cell(index)` is the text of a point, `cell_width` characters
/// wide at most.
template <class Cell>
std::string draw(Board board, int cell_width, Cell&& cell) {
  const auto padded = [&](const std::string& text) {
    const auto width = static_cast<std::size_t>(cell_width);
    return std::string(text.size() < width ? width - text.size() : 0, ' ') + text;
  };
  std::string letters = "  ";
  for (int column = 0; column < board.width; ++column) {
    letters += ' ' + padded(std::string(1, static_cast<char>('A' + column)));
  }
  std::string drawn = letters + '\n';
  for (int row = 0; row < board.height; ++row) {
    const std::string number = std::to_string(board.height - row);
    drawn += ' ' + number;
    for (int column = 0; column < board.width; ++column) drawn += ' ' + padded(cell(index_of(column, row)));
    drawn += ' ' + number + '\n';
  }
  return drawn + letters + '\n';
}

}  // namespace capture
