// Why: a node that is in the view, in the fallback cache and a neighbour is one node and is kept once. The
// engines are policies over this table: it says who is there, who is used for what, and forgets whom nobody
// uses. Compact, since a simulation holds 100,000 of them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/node_id.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/overlay/actions.hpp"
#include "daemon/overlay/coordinates.hpp"

namespace zel::overlay {

/// What a peer is kept for. A peer that is kept for nothing is forgotten.
enum class Use : std::uint8_t { view, fallback, close, far, inbound, watched, suspect };
inline constexpr std::size_t use_count = 7;

struct Peer {
  PeerRecord record;
  LatencyFilter rtt;
  base::Time fresh{};                  // when a newer description of it last came
  std::uint8_t uses = 0;               // one bit per Use
  PeerState state = PeerState::alive;  // alive or suspect
  bool reached = false;                // it has answered this node, so silence means something
  bool told_of_us = false;             // this node has introduced itself

  bool used_for(Use use) const { return (uses >> static_cast<unsigned>(use) & 1u) != 0; }
};

/// Whether a describes the same node later than b does.
inline bool is_newer(const PeerRecord& a, const PeerRecord& b) {
  return a.incarnation != b.incarnation ? a.incarnation > b.incarnation : a.version > b.version;
}

class PeerTable {
 public:
  using Slot = std::uint16_t;
  static constexpr Slot none = 0xffff;
  static constexpr std::size_t capacity = 8192;

  /// A peer keeps its slot, and its address in memory, until it is forgotten.
  Slot find(const base::NodeId& id) const;
  Peer& operator[](Slot slot) { return (*chunks_[slot / chunk_size])[slot % chunk_size]; }
  const Peer& operator[](Slot slot) const { return (*chunks_[slot / chunk_size])[slot % chunk_size]; }
  std::size_t size() const { return count_; }

  /// A peer that is not there yet, kept for `use`; none when the table is full.
  Slot add(const PeerRecord& record, Use use, base::Time now);
  void hold(Slot slot, Use use);
  void release(Slot slot, Use use);
  /// From every use.
  void forget(Slot slot);

  /// Those kept for a use, in no meaning order; invalid after the next change.
  std::span<const Slot> members(Use use) const { return lists_[static_cast<std::size_t>(use)]; }
  /// Brings `count` members chosen at random to the front, in random order, and returns them.
  std::span<const Slot> sample(Use use, std::size_t count, base::Random& random);
  /// Every peer, in slot order.
  template <class F>
  void for_each(F&& f) const {
    for (std::size_t i = 0; i < chunks_.size() * chunk_size; ++i) {
      const auto slot = static_cast<Slot>(i);
      if ((*this)[slot].uses != 0) f(slot);
    }
  }

 private:
  static constexpr std::size_t chunk_size = 16;
  using Chunk = std::array<Peer, chunk_size>;

  std::size_t place_of(const base::NodeId& id) const;
  void index(Slot slot);
  void unindex(Slot slot);

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<Slot> free_;
  std::vector<Slot> index_;  // open addressing, linear; at most half full
  std::array<std::vector<Slot>, use_count> lists_;
  std::size_t count_ = 0;
};

}  // namespace zel::overlay
