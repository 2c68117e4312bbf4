// Why: every constant of scheduling stands here once, with its unit and its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace zel::schedule {

struct Config {
  using ms = std::chrono::milliseconds;
  base::Duration offer_lease = ms(3000);      // a seeker answers within this or loses the offer
  base::Duration claim_lease = ms(10'000);    // from claim to start
  base::Duration smallest_radius = ms(1);     // of the first ring, when the nearest node is nearer
  base::Duration largest_radius = std::chrono::seconds(10);
  base::Duration smallest_round = ms(60);     // a round lasts at least this, or 3 x its radius
  base::Duration smallest_pause = ms(20);     // after a failed claim: random, doubled each time, up to
  base::Duration largest_pause = ms(2000);
  base::Duration claim_timeout = ms(2000);    // a host that does not answer a claim is done without
  std::size_t fan_out = 16;                   // a request is passed on to at most so many
  std::size_t max_seen = 4096;                // searches remembered by a host
  base::Duration seen_life = std::chrono::seconds(120);
  std::size_t max_searches = 256;             // of one seeker at a time
  std::size_t max_leases = 4096;              // of one host at a time
};

}  // namespace zel::schedule
