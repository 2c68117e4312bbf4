// Why: a node that died or left stays in the views of others for a while; whoever knows better must remember
// it, or gossip brings it back. Bounded, and each one for a time; where there are too many, the one that would
// end first goes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/overlay/actions.hpp"

namespace zel::overlay {

struct Tombstone {
  base::NodeId id;
  std::uint64_t incarnation = 0;      // what is not later than this stays buried
  PeerState state = PeerState::dead;  // or left
  base::Time until{};
  std::unique_ptr<PeerRecord> record;  // none: it was never known here
};

class Tombstones {
 public:
  explicit Tombstones(std::size_t most) : most_(most) {}

  /// Takes the place of an earlier one of the same node, and its record if there is no other.
  void add(const base::NodeId& id, std::uint64_t incarnation, PeerState state,
           std::unique_ptr<PeerRecord> record, base::Time until);
  const Tombstone* find(const base::NodeId& id) const;
  void remove(const base::NodeId& id);
  /// It is buried up to this incarnation only.
  void correct(const base::NodeId& id, std::uint64_t incarnation);
  void expire(base::Time now);
  base::Time next_deadline() const { return stones_.empty() ? base::never : stones_.front().until; }

  /// One of the dead, not of those who left, with an address to try; null: none.
  const Tombstone* random_dead(base::Random& random) const;
  const std::vector<Tombstone>& all() const { return stones_; }

 private:
  std::size_t place_of(const base::NodeId& id) const;
  void remove_at(std::size_t place);

  std::size_t most_;
  std::vector<Tombstone> stones_;    // by when they end
  std::vector<std::uint64_t> keys_;  // the beginnings of their ids, to look through quickly
};

}  // namespace zel::overlay
