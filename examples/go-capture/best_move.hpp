// Why: who wants to know who wins, and by which move, need not know what every other move is worth. Each
// first move is still a task, but one that gives up once another is known to win as soon: the quickest win is
// a value that all ranks share. Within a first move a question is answered by the first reply that decides
// it, and its siblings are aborted.
#pragma once

#include <cstdint>

#include "first_moves.hpp"
#include "position.hpp"

namespace capture {

enum class Answer : std::uint8_t { no, yes, not_wanted };
struct Answered {
  Answer answer = Answer::not_wanted;
  std::uint64_t nodes = 0;
  std::uint64_t leaves = 0;
  std::int8_t decisive = -1;  // the move that decided it, if it was divided
};

/// Does the side to move win, or else lose, within so many plies?
struct QuestionTask {
  Position position;
  bool wins = true;            // else: loses
  bool divided = false;        // each move is a task
  std::int8_t try_first = -1;  // a move, if divided
  std::uint8_t plies = 0;
  std::uint8_t in_vain = 0;  // not wanted once a first move is known to win in so many plies or fewer
  std::uint32_t table_mib = 0;

  Answered run() const;
};

/// The worth of one first move, unless another is as good.
struct CandidateTask {
  Position position;
  std::uint8_t index = 0;
  std::uint32_t table_mib = 0;

  FirstMoves run() const;  // the move is in `legal` if its worth was found
};

/// The position's value and a move that attains it; `legal` has the moves whose worth was found.
FirstMoves solve_best_move(const Position& position, std::uint32_t table_mib);

}  // namespace capture
