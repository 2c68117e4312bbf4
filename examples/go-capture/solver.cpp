// Why: see solver.hpp. The two questions answer each other: a side wins within d plies if some move leaves
// the opponent lost within d − 1, and is lost within d plies if every move lets the opponent win within d
// − 1.
#include "solver.hpp"

#include <algorithm>

#include "horizon.hpp"
#include "move_order.hpp"

namespace capture {

namespace {

/// Questions nearer to their horizon are answered faster than they are looked up.
constexpr int least_plies_kept = 4;

}  // namespace

Solver::State::State(const Position& position)
    : empty(position.empty()),
      stones{position.mine(), position.theirs()},
      mine(liberty_sets(position.mine(), empty)),
      theirs(liberty_sets(position.theirs(), empty)) {}

Solver::State Solver::State::after(int index) const {
  const Points stone = point(index);
  State next;
  next.empty = empty & ~stone;
  next.stones = {stones.second, stones.first | stone};
  next.mine = theirs;
  next.mine.remove(stone);
  next.theirs = mine;
  next.theirs.join(stone, beside(stone) & next.empty);
  return next;
}

Solver::Solver(Table& table, Board board, Suicide suicide)
    : table_(table),
      board_(board),
      stuck_plies_(suicide == Suicide::loses ? 1 : 0),
      odd_wins_(suicide == Suicide::forbidden) {}

Value Solver::solve(const Position& position) {
  const State state(position);
  for (int plies = 0;; ++plies) {
    if (loses_within(state, plies)) return Value::loss_in(plies);
    if (wins_within(state, plies + 1)) return Value::win_in(plies + 1);
  }
}

std::optional<bool> Solver::wins_within(const Position& position, int plies) {
  try {
    return wins_within(State(position), plies);
  } catch (const NotWanted&) {
    return std::nullopt;
  }
}

std::optional<bool> Solver::loses_within(const Position& position, int plies) {
  try {
    return loses_within(State(position), plies);
  } catch (const NotWanted&) {
    return std::nullopt;
  }
}

Value Solver::solve_move(const Position& position, int index) {
  const Choices found = choices(position);
  if (found.capturing & point(index)) return Value::win_in(1);
  if (found.suicidal & point(index)) return Value::loss_in(1);
  return solve(after(position, index)).one_ply_before();
}

bool Solver::wins_within(const State& state, int plies) {
  count_node();
  if (odd_wins_ && plies % 2 == 0) --plies;
  if (plies > 0 && state.theirs.last() == 0) {
    const Reach reached = reach(state.theirs, (plies + 1) / 2, plies);
    const Points moves = reached.safe ? 0 : sound_moves(state.empty, state.mine).moves & reached.near;
    if (moves != 0) return ask(state, {Attacker::side_to_move, plies}, moves);
  }
  ++leaves_;
  return plies > 0 && state.theirs.last() != 0;
}

bool Solver::loses_within(const State& state, int plies) {
  count_node();
  if (state.theirs.last() == 0) {
    const SoundMoves sound = sound_moves(state.empty, state.mine);
    if (sound.moves == 0) {
      ++leaves_;
      return plies >= (sound.stuck ? stuck_plies_ : 2);
    }
    if (odd_wins_ && plies % 2 != 0) --plies;
    if (plies >= 2 && !reach(state.mine, plies / 2, plies).safe) {
      return ask(state, {Attacker::opponent, plies}, sound.moves);
    }
  }
  ++leaves_;
  return false;
}

/// Looks the question up, or else tries `moves` and keeps what that proved.
bool Solver::ask(const State& state, Question question, Points moves) {
  const bool attacking = question.attacker == Attacker::side_to_move;
  if (question.plies < least_plies_kept) {
    return decisive_move(state, question, moves, -1).has_value() == attacking;
  }
  const Canonical key = canonical(board_, state.stones);
  Bounds bounds = table_.find(key.stones).value_or(Bounds{});
  const Value in_time = attacking ? Value::win_in(question.plies) : Value::loss_in(question.plies);
  const Value too_late = attacking ? Value::win_in(question.plies + 1) : Value::loss_in(question.plies + 1);
  // Of wins the quicker is worth more, of losses the slower.
  if (attacking ? bounds.lower >= in_time : bounds.upper <= in_time) return true;
  if (attacking ? bounds.upper <= too_late : bounds.lower >= too_late) return false;

  const bool has_move = bounds.move != Bounds::no_move;
  const int first = has_move ? first_index(key.symmetry.undo(board_, point(bounds.move))) : -1;
  const std::uint64_t nodes_before = nodes_;
  const std::optional<int> decisive = decisive_move(state, question, moves, first);
  const bool answer = decisive.has_value() == attacking;
  if (answer == attacking) {
    bounds.lower = std::max(bounds.lower, attacking ? in_time : too_late);
  } else {
    bounds.upper = std::min(bounds.upper, attacking ? too_late : in_time);
  }
  if (decisive) {
    const Points image = key.symmetry.apply(board_, point(*decisive));
    bounds.move = static_cast<std::uint8_t>(first_index(image));
  }
  table_.store(key.stones, bounds, nodes_ - nodes_before);
  return answer;
}

/// A move by which the side to move gets its way: as attacker it wins in time, as defender it is not lost.
std::optional<int> Solver::decisive_move(const State& state, Question question, Points moves, int first) {
  for (const int index : MoveOrder(moves, state.empty, state.mine, state.theirs, first)) {
    const State next = state.after(index);
    const bool decides = question.attacker == Attacker::side_to_move ? loses_within(next, question.plies - 1)
                                                                     : !wins_within(next, question.plies - 1);
    if (decides) return index;
  }
  return std::nullopt;
}

}  // namespace capture
