// Why: see best_move.hpp.
#include "best_move.hpp"

#include <array>
#include <limits>
#include <optional>
#include <vector>
#include <zel/shared.hpp>
#include <zel/task.hpp>

#include "liberty_sets.hpp"
#include "move_order.hpp"
#include "progress.hpp"
#include "solver.hpp"
#include "symmetry.hpp"
#include "tables.hpp"

namespace capture {
namespace {

/// Plies from the root to the capture.
zel::Shared<int> quickest_win{"go-capture: quickest win", std::numeric_limits<int>::max()};

/// Nearer to its horizon a question is answered sooner than divided.
constexpr int least_plies_divided = 7;

Answer answer_of(bool yes) { return yes ? Answer::yes : Answer::no; }

/// The answer about a reply that decides the question it belongs to.
Answer deciding_answer(const QuestionTask& reply) { return answer_of(!reply.wins); }

Answered ask_alone(const QuestionTask& task) {
  Solver solver(table_for(task.position, task.table_mib), task.position.board, task.position.suicide);
  solver.set_watch([&task] { return zel::aborted() || quickest_win.get() <= task.in_vain; });
  const std::optional<bool> answer = task.wins ? solver.wins_within(task.position, task.plies)
                                               : solver.loses_within(task.position, task.plies);
  Progress::of_process().add(solver.nodes());
  return {answer ? answer_of(*answer) : Answer::not_wanted, solver.nodes(), solver.leaves()};
}

/// The moves as the solver would try them.
MoveOrder in_order(const QuestionTask& task, Points moves) {
  const Points empty = task.position.empty();
  return {moves, empty, liberty_sets(task.position.mine(), empty),
          liberty_sets(task.position.theirs(), empty), task.try_first};
}

/// A side wins if one of its moves leaves the other lost, and is lost if each lets the other win. So one
/// reply may decide, and mostly it is the first: only when it does not are the others begun, all at a time.
/// What became of them does not matter once one decides.
Answered ask_each(const QuestionTask& task, Points moves) {
  QuestionTask reply = task;
  reply.wins = !task.wins;
  reply.divided = false;
  --reply.plies;
  const auto after_move = [&](int index) {
    reply.position = after(task.position, index);
    return reply;
  };
  const MoveOrder order = in_order(task, moves);
  Answered result = after_move(*order.begin()).run();
  if (result.answer == deciding_answer(reply)) result.decisive = static_cast<std::int8_t>(*order.begin());
  if (result.decisive >= 0 || result.answer == Answer::not_wanted) return result;

  const zel::AbortScope scope;
  zel::TaskGroup<QuestionTask> replies;
  bool all_answered = true;
  try {
    // The last spawned is the first that is run here.
    for (const auto* move = order.end(); --move != order.begin();) replies.spawn(after_move(*move));
  } catch (const zel::Error& error) {
    if (error.code() != zel::Errc::aborted) throw;
    all_answered = false;
  }
  const auto* move = order.end();
  for (const std::optional<Answered>& answered : replies.sync_finished()) {
    --move;
    if (answered) result.nodes += answered->nodes, result.leaves += answered->leaves;
    all_answered = all_answered && answered && answered->answer != Answer::not_wanted;
    if (answered && answered->answer == deciding_answer(reply))
      result.decisive = static_cast<std::int8_t>(*move);
  }
  if (result.decisive >= 0) {
    result.answer = deciding_answer(reply);
  } else {
    result.answer = all_answered ? answer_of(!task.wins) : Answer::not_wanted;
  }
  return result;
}

}  // namespace

Answered QuestionTask::run() const {
  const Choices found = choices(position);
  const bool divide = divided && plies >= least_plies_divided && found.capturing == 0 && found.quiet != 0;
  const Answered answered = divide ? ask_each(*this, found.quiet) : ask_alone(*this);
  if (answered.answer == deciding_answer(*this)) zel::abort_siblings();
  return answered;
}

FirstMoves CandidateTask::run() const {
  FirstMoves result;
  const auto is_worth = [&](Value value) {
    result.legal = point(index);
    result.set(index, value);
    if (value.is_win()) quickest_win.improve(value.plies());
    return result;
  };
  const Choices found = choices(position);
  if (found.capturing & point(index)) return is_worth(Value::win_in(1));
  if (found.suicidal & point(index)) return is_worth(Value::loss_in(1));
  QuestionTask question{.position = after(position, index), .divided = true, .table_mib = table_mib};
  std::array<std::int8_t, 2> decided{-1, -1};  // what decided the last question of the kind
  const auto ask = [&](bool wins, int plies, int in_vain) {
    question.wins = wins;
    question.try_first = decided[wins ? 1 : 0];
    question.plies = static_cast<std::uint8_t>(plies);
    question.in_vain = static_cast<std::uint8_t>(in_vain);
    const Answered answered = question.run();
    decided[wins ? 1 : 0] = answered.decisive;
    result.nodes += answered.nodes;
    result.leaves += answered.leaves;
    return answered.answer;
  };
  // The other side is to move. A win here takes more plies each time round; once it takes as many as
  // another's, it would be no better.
  for (int plies = 0; quickest_win.get() > plies + 1; ++plies) {
    const Answer lost = ask(false, plies, plies + 1);
    if (lost == Answer::yes) return is_worth(Value::win_in(plies + 1));
    if (lost == Answer::not_wanted) break;
    const Answer won = ask(true, plies + 1, plies + 2);
    if (won == Answer::yes) return is_worth(Value::loss_in(plies + 2));
    if (won == Answer::not_wanted) break;
  }
  return result;
}

FirstMoves solve_best_move(const Position& position, std::uint32_t table_mib) {
  FirstMoves result;
  const Points distinct = distinct_points(position.board, {position.black, position.white},
                                          legal_moves(position, choices(position)));
  zel::TaskGroup<CandidateTask> group;
  for_each_index(distinct, [&](int index) {
    group.spawn(CandidateTask{position, static_cast<std::uint8_t>(index), table_mib});
  });
  const std::vector<FirstMoves> candidates = group.sync();
  auto next = candidates.begin();
  for_each_index(distinct, [&](int index) {
    result.legal |= next->legal;
    result.set(index, next->of(index));
    result.nodes += next->nodes;
    result.leaves += next->leaves;
    ++next;
  });
  return result;
}

}  // namespace capture
