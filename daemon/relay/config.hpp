// Why: every constant of reaching nodes through others, with its reason. docs/protocol/relay.md has the table.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/time.hpp"

namespace zel::relay {

struct Config {
  using ms = std::chrono::milliseconds;
  using s = std::chrono::seconds;

  // ---- can this node be dialled? ----
  std::size_t dial_back_peers = 3;          // one may be a neighbour behind the same NAT, or shut in itself
  base::Duration dial_back_wait = s(5);     // the dial of the other takes up to 3
  base::Duration dial_back_retry = ms(500);   // there was nobody to ask, or nobody answered
  base::Duration recheck_open = s(300);
  base::Duration recheck_shut = s(60);      // a port may have been opened
  std::size_t probes = 8;                   // this node's dials for others

  // ---- relays of this node ----
  std::size_t relays = 2;                   // one may die
  base::Duration attach_wait = s(5);
  base::Duration attach_again = s(20);      // well below the 60 s after which an unused link is closed
  base::Duration relay_silence = s(30);
  base::Duration lost_rest = s(2);          // a link may break without its relay being gone
  base::Duration refused_rest = s(60);
  std::size_t refused_remembered = 64;
  base::Duration choose_again = s(1);       // while there are too few

  // ---- this node as a relay ----
  std::size_t clients = 256;
  base::Duration client_silence = s(60);
  double sender_bytes_per_second = 64 << 20;
  double sender_burst_bytes = 8 << 20;
  std::size_t sender_queue_bytes = 8u << 20;      // more than a job's stream has in flight
  std::size_t receiver_queue_bytes = 32u << 20;
  std::size_t all_queue_bytes = 64u << 20;
  std::size_t link_backlog_bytes = 256u << 10;    // on a receiver's link: more would only wait there
  std::size_t quantum_bytes = 64u << 10;
  base::Duration complain_again = s(1);

  // ---- paths ----
  std::size_t paths = 1024;
  base::Duration relay_rest = s(10);        // a relay that failed for a peer is left out so long
  base::Duration dial_memory = s(30);       // dialled in vain: own relays are used so long
  base::Duration first_retry = s(10);       // of dialling behind a relayed path
  base::Duration last_retry = s(600);
};

}  // namespace zel::relay
