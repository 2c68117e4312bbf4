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
  base::Duration longest_offer = ms(20'000);  // an offer is made to last longer by later rounds, but not beyond this
  base::Duration claim_lease = ms(10'000);    // from claim to start
  base::Duration smallest_radius = ms(1);     // of the first ring, when the nearest node is nearer
  base::Duration largest_radius = std::chrono::seconds(10);
  base::Duration smallest_round = ms(60);     // a round lasts at least this, or 3 x its radius
  base::Duration smallest_pause = ms(20);     // after a failed claim: random, doubled each time, up to
  base::Duration largest_pause = ms(2000);
  base::Duration longest_pause = ms(30'000);  // of a search that was offered less than half of what it wants
  base::Duration pause_look = ms(1000);       // so often it looks whether gossip knows of more free cores than ever
  base::Duration starved_after = ms(2000);    // a search that was offered half keeps it from then on, for up to
  base::Duration longest_hold = ms(8000);     // this, asks again every
  base::Duration hold_round = ms(250);        // and pauses for as long as it held
  base::Duration claim_timeout = ms(2000);    // a host that does not answer a claim is done without
  base::Duration smallest_settle = ms(2);     // once offers suffice, nearer late ones are waited for: this, or radius / 4
  std::size_t claim_attempts = 4;             // a claim is sent so often within claim_timeout
  std::size_t first_fan_out = 256;            // of the seeker: it knows who is near; about view and neighbours
  std::size_t fan_out = 4;                    // a request is passed on to at most so many that were not told
  double copies = 4;                          // a node is sent so many on average: 1 - e^-copies get one
  double new_searches_per_second = 200;       // rounds that one peer may bring, and
  double new_searches_burst = 400;            // at once
  std::size_t max_seen = 4096;                // rounds of searches remembered by a host
  base::Duration seen_life = std::chrono::seconds(120);
  std::size_t max_searches = 256;             // of one seeker at a time
  std::size_t max_leases = 4096;              // of one host at a time, and
  std::size_t max_leases_of_seeker = 256;     // for one seeker, jobs that run apart: it has no more searches
  std::size_t max_answers = 65'536;           // nodes remembered by one search
  std::size_t max_verdicts = 10'000;          // in one explanation
};

}  // namespace zel::schedule
