// Why: see diagram.hpp.
#include "diagram.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace capture {

namespace {

/// Where each point was read, for errors found when all is read.
struct Place {
  int line = 0;
  int column = 0;
};

struct Reader {
  Position position;
  std::array<Place, max_index> places{};
  int width = 0;   // of the first row; 0 until it is complete
  int height = 0;  // rows completed

  /// The error's text, or nothing.
  std::string read_point(char symbol, int column, Place place);
  /// One line of text. Throws nothing; the error is returned.
  std::variant<std::monostate, DiagramError> read_line(std::string_view text, int line);
};

std::string Reader::read_point(char symbol, int column, Place place) {
  const Points stone = column < max_side ? point(column, height) : 0;
  switch (symbol) {
    case '.': break;
    case 'x':
    case 'X':
    case 'b':
    case 'B': position.black |= stone; break;
    case 'o':
    case 'O':
    case 'w':
    case 'W': position.white |= stone; break;
    default:
      return std::string("'") + symbol + "' is no point: use . for empty, X or B for black, O or W for white";
  }
  if (column >= max_side) return "a row has at most " + std::to_string(max_side) + " points";
  if (height > 0 && column >= width) return "this row is longer than the first, of " + std::to_string(width);
  places[static_cast<std::size_t>(index_of(column, height))] = place;
  return {};
}

std::variant<std::monostate, DiagramError> Reader::read_line(std::string_view text, int line) {
  int column = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ' || text[at] == '\t' || text[at] == '\r') continue;
    const Place place{line, static_cast<int>(at) + 1};
    if (height == max_side) {
      return DiagramError{line, place.column, "a board has at most " + std::to_string(max_side) + " rows"};
    }
    std::string wrong = read_point(text[at], column, place);
    if (!wrong.empty()) return DiagramError{line, place.column, std::move(wrong)};
    ++column;
  }
  if (column == 0) return {};
  if (height == 0) width = column;
  if (column < width) {
    return DiagramError{line, static_cast<int>(text.size()) + 1,
                        "this row is shorter than the first, of " + std::to_string(width)};
  }
  ++height;
  return {};
}

}  // namespace

std::variant<Position, DiagramError> parse_diagram(std::string_view text, Colour to_move, Suicide suicide) {
  Reader reader;
  int line = 1;
  for (std::size_t begin = 0; begin <= text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    auto outcome = reader.read_line(text.substr(begin, end - begin), line);
    if (auto* wrong = std::get_if<DiagramError>(&outcome)) return std::move(*wrong);
    begin = end + 1;
  }
  if (reader.height == 0) return DiagramError{1, 1, "the diagram has no rows"};
  Position& position = reader.position;
  position.board = {static_cast<std::uint8_t>(reader.width), static_cast<std::uint8_t>(reader.height)};
  position.to_move = to_move;
  position.suicide = suicide;
  if (const auto stone = breathless_stone(position)) {
    const Place& place = reader.places[static_cast<std::size_t>(*stone)];
    return DiagramError{place.line, place.column,
                        "the stone here has no liberty: it would have been captured"};
  }
  return position;
}

std::variant<Position, std::string> read_diagram(const std::string& path, Colour to_move, Suicide suicide) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(max_diagram_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    const int error = errno != 0 ? errno : EIO;
    return path + ": " + std::generic_category().message(error);
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > max_diagram_bytes) return path + ": too large for a diagram";
  auto parsed = parse_diagram(text, to_move, suicide);
  if (const auto* wrong = std::get_if<DiagramError>(&parsed)) {
    return path + ":" + std::to_string(wrong->line) + ":" + std::to_string(wrong->column) + ": " +
           wrong->text;
  }
  return std::get<Position>(parsed);
}

std::string print_diagram(const Position& position, std::string_view separator) {
  std::string text;
  for (int row = 0; row < position.board.height; ++row) {
    if (row > 0) text += separator;
    for (int column = 0; column < position.board.width; ++column) {
      const Points here = point(column, row);
      text += (position.black & here) != 0 ? 'X' : (position.white & here) != 0 ? 'O' : '.';
    }
  }
  return text;
}

std::string name_of_point(Board board, int index) {
  return static_cast<char>('A' + column_of(index)) + std::to_string(board.height - row_of(index));
}

}  // namespace capture
