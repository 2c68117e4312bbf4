// Why: the scheduler asks who is near without knowing the overlay: this is all it wants to know of it.
#pragma once

#include <vector>

#include "base/time.hpp"
#include "wire/overlay.hpp"

namespace zel::schedule {

class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual const wire::overlay::PeerRecord& self() const = 0;
  /// Close nodes that are alive, nearest first.
  virtual std::vector<const wire::overlay::PeerRecord*> neighbours() const = 0;
  /// Any nodes that are alive, in no order; may hold the neighbours again.
  virtual std::vector<const wire::overlay::PeerRecord*> view() const = 0;
  /// Estimated round-trip time between this node and another, and between two others.
  virtual base::Duration distance(const wire::overlay::PeerRecord& peer) const = 0;
  virtual base::Duration distance(const wire::overlay::PeerRecord& a, const wire::overlay::PeerRecord& b) const = 0;
};

}  // namespace zel::schedule
