// Why: the same position is reached in many orders of moves; what was proved of it once is kept. A slot holds
// the whole position, not a hash of it, so two positions are never confused and a result is a proof.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "symmetry.hpp"
#include "value.hpp"

namespace capture {

/// What is known of a position: its value for the side to move lies in lower … upper.
struct Bounds {
  Value lower = Value::loss_in(0);
  Value upper = Value::win_in(0);
  /// The move that decided the last search, or no_move.
  std::uint8_t move = no_move;

  static constexpr std::uint8_t no_move = 0xff;
};

/// Bounds of positions, by the stones of the side to move and of the other. Fixed memory; when a bucket is
/// full, results that were cheap to find are forgotten first.
class Table {
 public:
  /// Rounds down to a power of two of buckets, at least one. O(1): memory is taken as it is used. Throws
  /// std::bad_alloc.
  explicit Table(std::size_t bytes);

  /// Nothing if the position is not known.
  std::optional<Bounds> find(const Stones& stones) const;
  /// `effort`: how many nodes it took.
  void store(const Stones& stones, const Bounds& bounds, std::uint64_t effort);
  std::size_t bytes() const { return bucket_count_ * sizeof(Bucket); }

 private:
  static constexpr std::size_t ways = 3;
  /// One cache line. All zero when unused.
  struct alignas(64) Bucket {
    std::array<Points, ways> first;
    std::array<Points, ways> second;
    std::array<Value, ways> lower;
    std::array<Value, ways> upper;
    std::array<std::uint8_t, ways> move;
    std::array<std::uint8_t, ways> effort;  // bits in the number of nodes; 0 in an unused slot
  };
  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };
  std::size_t bucket_of(const Stones& stones) const;

  std::size_t bucket_count_;
  std::unique_ptr<void, Free> memory_;
  Bucket* buckets_;  // in memory_
};

}  // namespace capture
