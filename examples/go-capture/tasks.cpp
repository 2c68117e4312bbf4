// Why: see tasks.hpp.
#include "tasks.hpp"

#include <vector>
#include <zel/task.hpp>

#include "best_move.hpp"
#include "progress.hpp"
#include "solver.hpp"
#include "symmetry.hpp"
#include "tables.hpp"

namespace capture {

namespace {

/// A subtree with so many empty points is 50,000 to 350,000 nodes: about a millisecond, long against the
/// cost of a task and short against the time the last ranks wait for one another at the end.
constexpr int sequential_points = 9;

FirstMoves count_first_moves(const Position& position) {
  const Choices found = choices(position);
  const Ply ply = one_ply(position);
  FirstMoves result{
      .legal = legal_moves(position, found), .nodes = ply.ended.nodes, .leaves = ply.ended.leaves};
  for_each_index(found.capturing, [&](int index) { result.set(index, Value::win_in(1)); });
  for_each_index(found.suicidal, [&](int index) { result.set(index, Value::loss_in(1)); });
  zel::TaskGroup<CountTask> group;
  for_each_index(ply.quiet, [&](int index) { group.spawn(CountTask{after(position, index)}); });
  const std::vector<Tally> tallies = group.sync();
  auto tally = tallies.begin();
  for_each_index(ply.quiet, [&](int index) {
    result.nodes += tally->nodes;
    result.leaves += tally->leaves;
    result.set(index, (tally++)->value.one_ply_before());
  });
  return result;
}

/// Moves that are mirror images of one another are solved once.
FirstMoves solve_first_moves(const RootTask& task) {
  const Position& position = task.position;
  const Stones stones{position.black, position.white};
  FirstMoves result{.legal = legal_moves(position, choices(position))};
  const Points distinct = distinct_points(position.board, stones, result.legal);
  zel::TaskGroup<SolveTask> group;
  for_each_index(distinct, [&](int index) {
    group.spawn(SolveTask{position, static_cast<std::uint8_t>(index), task.table_mib});
  });
  const std::vector<FirstMoves> solved = group.sync();
  auto next = solved.begin();
  for_each_index(distinct, [&](int index) {
    result.set(index, next->of(index));
    result.nodes += next->nodes;
    result.leaves += next->leaves;
    ++next;
  });
  for_each_index(result.legal, [&](int index) {
    result.set(index, result.of(representative(position.board, stones, index)));
  });
  return result;
}

}  // namespace

Tally CountTask::run() const {
  if (count(position.empty()) <= sequential_points) {
    const Tally tally = count_tree(position);
    Progress::of_process().add(tally.nodes);
    return tally;
  }
  Ply ply = one_ply(position);
  zel::TaskGroup<CountTask> group;
  for_each_index(ply.quiet, [&](int index) { group.spawn(CountTask{after(position, index)}); });
  for (const Tally& child : group.sync()) add(ply.ended, child);
  return ply.ended;
}

FirstMoves SolveTask::run() const {
  Solver solver(table_for(position, table_mib), position.board, position.suicide);
  FirstMoves result;
  result.set(index, solver.solve_move(position, index));
  result.nodes = solver.nodes();
  result.leaves = solver.leaves();
  Progress::of_process().add(result.nodes);
  return result;
}

Findings RootTask::run() const {
  if (!accepted) return {};
  switch (mode) {
    case Mode::exhaustive: return {true, count_first_moves(position)};
    case Mode::best: return {true, solve_best_move(position, table_mib)};
    case Mode::solve: break;
  }
  return {true, solve_first_moves(*this)};
}

}  // namespace capture
