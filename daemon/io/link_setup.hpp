// Why: what every link of a node shares, and every limit of links in one place.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "base/time.hpp"
#include "daemon/io/link_keys.hpp"

namespace zel::io {

struct LinkLimits {
  base::Duration connect = std::chrono::seconds(3);  // from the first message to a proved peer, all addresses
  base::Duration handshake = std::chrono::seconds(5);  // of a stranger that connects here
  base::Duration idle = std::chrono::seconds(60);      // a dialled link without payloads is closed
  base::Duration heartbeat = std::chrono::seconds(5);  // ZMTP ping on a quiet connection
  base::Duration silence = std::chrono::seconds(15);   // and no answer: the connection is dead
  base::Duration goodbye =
      std::chrono::milliseconds(200);  // closing the node: what is queued may still go out
  std::size_t dialled_links = 256;     // open at once; beyond, the longest unused goes
  std::size_t inbound_links = 4096;
  std::size_t arrivals = 256;          // connected to one address and not greeted; beyond, the oldest is cut
  base::Duration first_redial = std::chrono::seconds(1);  // after a peer was not reached, doubled each time, up to
  base::Duration last_redial = std::chrono::seconds(30);
  std::size_t message_bytes = (1u << 20) + 1024;  // of one payload: a node message, or one in a relay's envelope
  std::size_t crowded_bytes = 128u << 10;     // queued for one peer: who can wait should
  std::size_t may_drop_bytes = 256u << 10;    // queued for one peer, when may_drop is dropped
  std::size_t must_arrive_bytes = 64u << 20;  // queued for one peer, when must_arrive breaks the link
  std::size_t all_queued_bytes = 256u << 20;  // for all peers together: the same
  int socket_messages = 32;                   // in each direction, inside ZeroMQ
};

/// For a process that may open so many files: an attempt to dial takes four, a visitor one; half stay for jobs.
inline LinkLimits limits_within(std::uint64_t open_files) {
  LinkLimits limits;
  limits.dialled_links = std::min<std::size_t>(limits.dialled_links, open_files / 32);
  limits.inbound_links = std::min<std::size_t>(limits.inbound_links, open_files / 4);
  return limits;
}

struct LinksSetup {
  LinkKeys keys;
  RealmKey realm;
  std::string name;
  LinkLimits limits;
  std::function<void(const std::string&)> log;  // may be empty; at most once a second of each kind
};

}  // namespace zel::io
