// Why: see report.hpp.
#include "report.hpp"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "diagram.hpp"

namespace capture {

namespace {

constexpr double least_seconds_for_a_rate = 0.01;

std::string capitalised(std::string_view name) {
  std::string text(name);
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string board_text(Board board) {
  return std::to_string(board.width) + "x" + std::to_string(board.height);
}

std::string rules_text(const Position& position) {
  return capitalised(name_of(position.to_move)) +
         " moves first, the first capture wins, no passing, a side that cannot move loses, suicide " +
         (position.suicide == Suicide::forbidden ? "is forbidden" : "loses");
}

std::string fixed(double number, int digits) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

/// Positive where Black wins, whoever moves.
std::string worth(const Result& result, int index) {
  const Value value = result.first_moves.of(index);
  const bool black_wins = value.is_win() == (result.position.to_move == Colour::black);
  return (black_wins ? "+" : "-") + std::to_string(value.plies());
}

std::string stone_at(const Position& position, int index) {
  if (position.black & point(index)) return "X";
  if (position.white & point(index)) return "O";
  return ".";
}

std::string work_line(const Result& result) {
  const FirstMoves& found = result.first_moves;
  const bool counted = result.mode == Mode::exhaustive;
  std::string line = grouped(found.nodes) + (counted ? " nodes, " : " positions looked at, ") +
                     grouped(found.leaves) + (counted ? " leaves, " : " decided at once, ") +
                     fixed(result.seconds, 3) + " s";
  if (result.seconds >= least_seconds_for_a_rate) {
    line += ", " + fixed(static_cast<double>(found.nodes) / result.seconds / 1e6, 1) + " million/s";
  }
  return line + ", " + std::to_string(result.workers) + (result.workers == 1 ? " worker" : " workers") +
         ", efficiency " + fixed(100 * result.efficiency, 1) + " %\n";
}

/// All, or one if only some of them are known.
Points best_moves(const Result& result) {
  const Points all = result.first_moves.best();
  return result.mode == Mode::best && all != 0 ? point(first_index(all)) : all;
}

}  // namespace

Colour Result::winner() const {
  return first_moves.value().is_win() ? position.to_move : other(position.to_move);
}

std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string text_report(const Result& result) {
  const Position& position = result.position;
  const FirstMoves& found = result.first_moves;
  const int plies = found.value().plies();
  std::string text = "First Capture Go, " + board_text(position.board) + ", " + result.start + "\n(" +
                     rules_text(position) + ")\n\n";
  text += draw(position.board, 1, [&](int index) { return stone_at(position, index); });
  text += "\n" + capitalised(name_of(result.winner())) + " wins in " + std::to_string(plies) +
          (plies == 1 ? " ply" : " plies") + " with best play.\n";
  if (found.legal == 0) {
    text += capitalised(name_of(position.to_move)) + " has no legal move.\n";
  } else {
    text += result.mode == Mode::best ? "A best first move:" : "Best first moves:";
    for_each_index(best_moves(result), [&](int index) { text += " " + name_of_point(position.board, index); });
    if (result.mode == Mode::best) return text + "\n\n" + work_line(result);
    text += "\n\nWhat each first move is worth (+d: Black wins in d plies, -d: White wins in d):\n\n";
    text += draw(position.board, 3, [&](int index) {
      return found.legal & point(index) ? worth(result, index) : stone_at(position, index);
    });
  }
  return text + "\n" + work_line(result);
}

std::string json_report(const Result& result) {
  const FirstMoves& found = result.first_moves;
  std::vector<std::string> best;
  for_each_index(best_moves(result),
                 [&](int index) { best.push_back(name_of_point(result.position.board, index)); });
  const nlohmann::ordered_json object = {
      {"board", board_text(result.position.board)},
      {"start", result.start},
      {"rules", rules_text(result.position)},
      {"mode", name_of(result.mode)},
      {"winner", name_of(result.winner())},
      {"plies", found.value().plies()},
      {"best_moves", best},
      {"nodes", found.nodes},
      {"leaves", found.leaves},
      {"seconds", result.seconds},
      {"workers", result.workers},
      {"efficiency", result.efficiency},
  };
  return object.dump() + "\n";
}

}  // namespace capture
