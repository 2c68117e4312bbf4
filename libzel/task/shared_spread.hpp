// Why: when a shared value has been improved, whom to tell, and when. A pure engine: the time is handed in,
// what is to be sent is handed out. One per rank and computation.
//
// A rank tells those at which it has its lifelines (see lifelines.hpp) and they tell theirs, so an
// improvement is everywhere after at most ⌈log2 m⌉ steps. Nobody is told what it told itself, and nobody
// tells on what is no better than what it knows. A peer is told a value at most once in an interval, and not
// again before it has answered: what was improved meanwhile is told as one. So a peer that is busy is told
// once, one that is far away once in a round trip, and what lies unread is one message per peer and value.
//
// Members that die take no value with them but one that they told nobody. The next in the ring is always a
// lifeline; when members come or go, each rank tells those that are new among its lifelines what it knows.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace zel::task {

/// The shared values of a rank, as the engine sees them. Other threads may improve them meanwhile.
class SharedValues {
 public:
  enum class Taken : std::uint8_t { better, no_better, malformed };

  virtual ~SharedValues() = default;
  virtual std::size_t count() const = 0;
  virtual std::uint64_t key(std::size_t index) const = 0;
  /// Counts improvements.
  virtual std::uint64_t version(std::size_t index) const = 0;
  virtual base::Bytes pack(std::size_t index) const = 0;
  virtual Taken take(std::size_t index, base::ByteView packed) = 0;
};

struct SpreadSetup {
  int rank = 0;
  base::Duration interval = std::chrono::milliseconds(5);
};

struct Tell {
  int to = 0;
  std::uint64_t key = 0;
  base::Bytes value;
};

class SharedSpread {
 public:
  SharedSpread(const SpreadSetup& setup, SharedValues& values);

  /// Who is present, ascending, this rank among them.
  void on_members(const std::vector<int>& present);
  /// False if it was malformed, or of no value that is known. Else it is to be answered.
  bool on_told(int from, std::uint64_t key, base::ByteView packed);
  /// False if nobody was told.
  bool on_answer(int from, std::uint64_t key);
  /// What is to be sent now.
  std::vector<Tell> take_due(base::Time now);
  /// Whether there is something to tell, now or after an interval. O(values × lifelines), as are all.
  bool waits() const { return next_deadline() != base::never; }
  /// When take_due() has something next, `never` if nothing waits.
  base::Time next_deadline() const;

 private:
  struct Told {
    std::uint64_t version = 0;  // that it knows
    bool unanswered = false;
    base::Time next{};  // not before
  };
  struct Peer {
    int rank;
    std::vector<Told> told;  // by value
  };

  Peer* find(int rank);
  std::size_t index_of(std::uint64_t key) const;
  bool may_tell(const Told& told, std::uint64_t version) const {
    return version != 0 && version != told.version && !told.unanswered;
  }

  const SpreadSetup setup_;
  SharedValues& values_;
  std::vector<Peer> lifelines_;
};

}  // namespace zel::task
