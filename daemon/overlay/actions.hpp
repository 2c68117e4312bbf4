// Why: what the overlay wants done, as values: its engines decide, whoever drives them acts.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "wire/overlay.hpp"

namespace zel::overlay {

using wire::overlay::Address;
using wire::overlay::PeerRecord;

/// Send to this node: over a link that is there, else by its addresses.
struct Send {
  PeerRecord to;
  wire::overlay::Message message;
};
/// Send to whoever listens at a bootstrap address; its id is learnt from the answer.
struct SendToAddress {
  Address to;
  wire::overlay::Message message;
};
/// News about another node, for those who use it: a job's primary, the log.
struct PeerChanged {
  enum class What : std::uint8_t { joined, suspected, refuted, died, left };
  What what;
  PeerRecord peer;
  std::string cause;  // for people
};
using Action = std::variant<Send, SendToAddress, PeerChanged>;
using Actions = std::vector<Action>;

enum class PeerState : std::uint8_t { alive, suspect, dead, left };

struct KnownPeer {
  PeerRecord record;
  PeerState state = PeerState::alive;
};

}  // namespace zel::overlay
