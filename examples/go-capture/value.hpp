// Why: what a position is worth is who wins and how soon. Both are folded into one small number, so that
// "better for the side to move" is "greater": a quicker win, or else a slower loss.
#pragma once

#include <compare>
#include <cstdint>

namespace capture {

/// A result with best play, seen by the side to move. Distances are in plies, 0 … 50: a loss in 0 is a
/// side that cannot move or has just been captured.
class Value {
 public:
  constexpr Value() = default;
  static constexpr Value win_in(int plies) { return Value(bound - plies); }
  static constexpr Value loss_in(int plies) { return Value(plies - bound); }
  /// Of a number that score() gave.
  static constexpr Value of_score(int score) { return Value(score); }

  constexpr bool is_win() const { return score_ > 0; }
  constexpr int plies() const { return bound - (score_ > 0 ? score_ : -score_); }
  /// +d for a win in d plies, -d for a loss in d.
  constexpr int signed_plies() const { return is_win() ? plies() : -plies(); }
  /// The same play seen by the other side, one ply earlier.
  constexpr Value one_ply_before() const { return Value(score_ > 0 ? 1 - score_ : -1 - score_); }
  constexpr int score() const { return score_; }

  constexpr auto operator<=>(const Value&) const = default;

 private:
  static constexpr int bound = 100;
  constexpr explicit Value(int score) : score_(static_cast<std::int8_t>(score)) {}

  std::int8_t score_ = -bound;
};

}  // namespace capture
