// Why: most of a flood's messages would go to nodes that have it already. A request carries a small Bloom
// filter of the nodes that those before on its way have sent it to; who passes it on leaves those out. A
// false hit leaves out a node on this way only, and the next round's filter hits others.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "base/node_id.hpp"

namespace zel::schedule {

class Told {
 public:
  /// Of a request: its `told` bytes, whichever valid size they have, and its round.
  Told(const base::Bytes& bytes, std::uint32_t round);

  bool contains(const base::NodeId& node) const;
  /// Does nothing once half the bits are set: beyond that a filter leaves out more than it spares.
  void add(const base::NodeId& node);
  const base::Bytes& bytes() const { return bytes_; }

 private:
  static constexpr std::uint32_t hashes = 6;
  std::uint32_t position(const base::NodeId& node, std::uint32_t hash) const;

  base::Bytes bytes_;
  std::uint64_t salt_;
  std::uint32_t bits_set_ = 0;
};

}  // namespace zel::schedule
