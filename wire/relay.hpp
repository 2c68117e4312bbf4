// Why: nodes that nobody can dial are reached through nodes that can be. What clients, relays and senders say to
// one another. States and limits: docs/protocol/relay.md.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"
#include "wire/overlay.hpp"

namespace zel::wire::relay {

/// A node message, its nonce and its seal.
inline constexpr std::size_t nonce_bytes = 24;
inline constexpr std::size_t seal_bytes = nonce_bytes + 16;
inline constexpr std::size_t max_message_bytes = 1u << 20;  // of what is sealed
inline constexpr std::size_t envelope_bytes = 512;          // what the messages below add to it, at most

/// Client to relay, again and again: forward to me over this link.
struct Attach {
  template <class F> void fields(F&& f) { f(); }
};
struct Attached {
  template <class F> void fields(F&& f) { f(); }
};
struct Detach {
  template <class F> void fields(F&& f) { f(); }
};
enum class Reason : std::uint8_t { full, unfit, unknown_client, too_fast };
inline bool valid(Reason reason) { return reason <= Reason::too_fast; }
/// `to` nobody: an Attach is refused. Else: what was to go there was not forwarded.
struct Refused {
  base::NodeId to;
  Reason reason = Reason::full;
  template <class F> void fields(F&& f) { f(to, reason); }
};
/// Another relay, and where it can be dialled.
struct Via {
  base::NodeId relay;
  overlay::Address address;
  template <class F> void fields(F&& f) { f(relay, address); }
};
/// To a relay: pass this on.
struct Forward {
  base::NodeId to;
  std::vector<Via> via;  // at most one: a relay of `to`
  base::Bytes sealed;
  template <class F> void fields(F&& f) { f(to, via, sealed); }
};
/// From relay to relay: the last hop but one.
struct Passed {
  base::NodeId from;
  base::NodeId to;
  base::Bytes sealed;
  template <class F> void fields(F&& f) { f(from, to, sealed); }
};
/// From a relay. `from` is what the relay says; the seal proves it.
struct Forwarded {
  base::NodeId from;
  base::Bytes sealed;
  template <class F> void fields(F&& f) { f(from, sealed); }
};
/// Dial me anew there, and say where you found me.
struct DialBack {
  std::uint64_t sequence = 0;
  std::vector<overlay::Address> addresses;
  template <class F> void fields(F&& f) { f(sequence, addresses); }
};
struct DialedBack {
  std::uint64_t sequence = 0;
  std::vector<overlay::Address> reached;
  template <class F> void fields(F&& f) { f(sequence, reached); }
};
/// Only sealed, through a relay: I cannot dial you, dial me.
struct CallMe {
  overlay::PeerRecord record;
  template <class F> void fields(F&& f) { f(record); }
};

using Message = std::variant<Attach, Attached, Detach, Refused, Forward, Passed, Forwarded, DialBack, DialedBack, CallMe>;

bool valid(const Message& message);

/// Without the byte of wire/node.hpp in front. Errors of decode: bad_message, for what is malformed or not valid().
base::Bytes encode(const Message& message);
base::Result<Message> decode(base::ByteView bytes);

}  // namespace zel::wire::relay
