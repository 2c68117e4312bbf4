// Why: every constant of the overlay stands here once, with its unit and its reason, in presets for how far
// apart nodes are.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.hpp"

namespace zel::overlay {

struct Config {
  using ms = std::chrono::milliseconds;

  // ---- gossip (ARRG) ----
  std::size_t view_size = 100;      // as the original
  std::size_t fallback_size = 100;  // peers an exchange succeeded with; kept because they answered
  std::size_t exchange_size = 30;   // records in one message, this node's own among them
  base::Duration gossip_interval = ms(1000);
  double gossip_jitter = 0.1;               // of the interval, either way
  base::Duration gossip_timeout = ms(500);  // until an exchange counts as failed and the fallback is tried
  // Exchanges that taught nothing new stretch the interval, step by step, to this; news resets it.
  base::Duration settled_gossip_interval = ms(10'000);
  // A newcomer tells one peer of its view after the other that it is here; with a view of others it is known to
  // as many after this time, and settled nodes need not gossip faster for it.
  base::Duration introduction_time = ms(20'000);
  base::Duration introduction_interval = ms(200);

  // ---- failure detection (SWIM, Lifeguard) ----
  base::Duration probe_interval = ms(1000);
  base::Duration probe_timeout = ms(500);  // until others are asked to try
  std::size_t indirect_probes = 3;
  double suspicion_multiplier = 2;      // min = this x max(1.5, log10 N) x probe_interval
  double suspicion_max_multiplier = 6;  // max = this x min; confirmations shorten it
  std::size_t confirmations = 2;        // so many by others shorten it to min
  int awareness_max = 8;                // timeouts are multiplied by awareness + 1
  double retransmit_multiplier = 4;     // a rumour is passed on this x ceil(log10(N + 1)) times
  // Deaths and refutations are told at once, while there is a budget of pings for it; then as other rumours are.
  std::size_t urgent_fan_out = 3;  // who hears of a death tells so many
  double urgent_budget = 32;
  double urgent_per_round = 2;  // so much is added to it at each probe interval
  base::Duration tombstone_life = std::chrono::minutes(10);  // how long the dead are remembered
  base::Duration hearsay_tombstone_life = std::chrono::minutes(2);  // of who was never known here: a turn of a view
  std::size_t max_tombstones = 256;
  // Seconds of the clock when the node started: hearsay that is further ahead of what is held is a lie, or so late
  // that the node itself will put it right.
  std::uint64_t largest_leap = 1u << 16;
  base::Duration leap_interval = ms(1000);  // a node raises its own by more than one at most so often
  base::Duration reconnect_interval = ms(5000);  // how often one of the dead is tried: heals partitions

  // ---- coordinates (Vivaldi; constants of serf, algorithms of SIGCOMM 2004) ----
  std::size_t vivaldi_dimensions = 8;  // and a height; at most as many as the wire has
  double vivaldi_error_max = 1.5;
  double vivaldi_ce = 0.25;
  double vivaldi_cc = 0.25;
  std::size_t adjustment_window = 20;
  double height_min_s = 1e-5;
  std::size_t latency_filter = 3;  // median of so many samples per peer
  double gravity_rho = 150;
  base::Duration largest_rtt = std::chrono::seconds(10);  // longer samples are refused

  // ---- neighbours ----
  std::size_t close_neighbours = 20;  // by measured round-trip time, estimated where not measured
  std::size_t random_neighbours = 5;  // far ones, so that the graph does not fall apart into clusters
  base::Duration neighbour_interval = ms(10'000);

  static Config local();
  static Config lan();
  static Config wan();
};

}  // namespace zel::overlay
