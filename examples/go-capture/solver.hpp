// Why: nobody can wait for the whole tree of a 5×5 board, but who wins and how soon does not need it. The
// question "does this side win within d plies?" is asked for growing d; it has a yes or no for an answer,
// most moves never need a look, and what was proved of a position holds for all its mirror images.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "liberty_sets.hpp"
#include "position.hpp"
#include "symmetry.hpp"
#include "table.hpp"
#include "value.hpp"

namespace capture {

/// Finds exact values. Every rule that leaves out a move or cuts a search short is a proof, never a guess:
/// values equal those of count_tree(). Deterministic; the table only saves time.
class Solver {
 public:
  /// The table may hold results of this board and suicide rule only, and must outlive the solver.
  Solver(Table& table, Board board, Suicide suicide);

  /// The position's value for its side to move. It is of the solver's board and rule.
  Value solve(const Position& position);
  /// Whether the side to move wins, or loses, within `plies`; nothing if the watch said so.
  std::optional<bool> wins_within(const Position& position, int plies);
  std::optional<bool> loses_within(const Position& position, int plies);
  /// Asked now and then in those two whether the answer is not wanted any more.
  void set_watch(std::function<bool()> not_wanted) { not_wanted_ = std::move(not_wanted); }
  /// What playing at an empty point is worth to the side to move; the rules must allow it.
  Value solve_move(const Position& position, int index);

  /// Positions looked at so far, and of these, those decided without looking at a move.
  std::uint64_t nodes() const { return nodes_; }
  std::uint64_t leaves() const { return leaves_; }

 private:
  /// A position seen by its side to move, who is `stones.first`.
  struct State {
    Points empty;
    Stones stones;
    LibertySets mine;
    LibertySets theirs;

    explicit State(const Position& position);
    State after(int index) const;

   private:
    State() = default;
  };
  /// Which side is asked to win. The other side is asked to prevent it.
  enum class Attacker : std::uint8_t { side_to_move, opponent };
  struct Question {
    Attacker attacker;
    int plies;
  };

  struct NotWanted {};

  void count_node() {
    constexpr std::uint64_t nodes_per_look = 1024;
    if (++nodes_ % nodes_per_look == 0 && not_wanted_ && not_wanted_()) throw NotWanted{};
  }
  bool wins_within(const State& state, int plies);
  bool loses_within(const State& state, int plies);
  bool ask(const State& state, Question question, Points moves);
  std::optional<int> decisive_move(const State& state, Question question, Points moves, int first);

  Table& table_;
  Board board_;
  int stuck_plies_;  // how soon a side that can only commit suicide has lost
  bool odd_wins_;    // the winner always moves last, so wins take an odd number of plies
  std::function<bool()> not_wanted_;
  std::uint64_t nodes_ = 0;
  std::uint64_t leaves_ = 0;
};

}  // namespace capture
