// Why: a node that died or left stays in the views of others for a while; whoever knows better must remember
// it, or gossip brings it back. Bounded, and each one for a time; the oldest goes first.
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
  Tombstones(std::size_t most, base::Duration life) : most_(most), life_(life) {}

  /// Takes the place of an earlier one of the same node.
  void add(const base::NodeId& id, std::uint64_t incarnation, PeerState state,
           std::unique_ptr<PeerRecord> record, base::Time now);
  const Tombstone* find(const base::NodeId& id) const;
  void remove(const base::NodeId& id);
  void expire(base::Time now);
  base::Time next_deadline() const { return stones_.empty() ? base::never : stones_.front().until; }

  /// One of the dead, not of those who left, with an address to try; null: none.
  const Tombstone* random_dead(base::Random& random) const;
  const std::vector<Tombstone>& all() const { return stones_; }

 private:
  std::size_t place_of(const base::NodeId& id) const;
  void remove_at(std::size_t place);

  std::size_t most_;
  base::Duration life_;
  std::vector<Tombstone> stones_;    // the oldest first
  std::vector<std::uint64_t> keys_;  // the beginnings of their ids, to look through quickly
};

}  // namespace zel::overlay
