// Why: how far the first request goes and how the next ones grow is planned from what gossip says, so that a
// search floods no farther than it has to and does not crawl there in small steps either. Pure.
#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "daemon/schedule/config.hpp"
#include "daemon/schedule/surroundings.hpp"
#include "wire/schedule.hpp"

namespace zel::schedule {

struct Wanted;

/// One round of a search.
struct Ring {
  base::Duration radius{};  // what the request says
  std::uint32_t hops = 0;
  base::Duration reach{};   // the farthest node known that it goes to is no farther
  base::Duration length{};  // how long answers are waited for
  bool widest = false;      // no later ring asks anybody else
  bool operator==(const Ring&) const = default;
};

/// The first ring. `own_cores`: free ones of this host.
Ring first_ring(const Wanted& wanted, std::uint32_t own_cores, const Surroundings& surroundings,
                const Config& config);
/// The ring after one that did not bring enough. The widest is followed by itself.
Ring next_ring(const Ring& ring, const Wanted& wanted, const Surroundings& surroundings,
               const Config& config);

}  // namespace zel::schedule
