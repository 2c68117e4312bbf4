// Why: what nodes tell one another so that they know of each other: gossip about who is there, probes of who
// is alive, rumours of who is not. States and limits: docs/protocol/overlay.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"

namespace zel::wire::overlay {

inline constexpr std::size_t max_addresses = 8;   // of one node
inline constexpr std::size_t max_relays = 4;      // of one node
inline constexpr std::size_t max_name_bytes = 64;
inline constexpr std::size_t max_records = 64;    // in one message
inline constexpr std::size_t max_rumours = 32;    // in one message
inline constexpr std::uint32_t max_cores = 1u << 20;
// Seconds since 1970 fit many times; there is room above every honest one to refute what is said of it.
inline constexpr std::uint64_t max_incarnation = std::uint64_t{1} << 40;

/// Where a node can be reached: a numeric IPv4 or IPv6 address, never a name.
struct Address {
  std::string host;
  std::uint16_t port = 0;
  auto operator<=>(const Address&) const = default;
  template <class F> void fields(F&& f) { f(host, port); }
};

/// A network coordinate (Vivaldi): the distance of two nodes estimates their round-trip time. Seconds.
struct Coordinate {
  static constexpr std::size_t dimensions = 8;
  std::array<float, dimensions> position{};
  float height = 1e-5f;      // the part of every path that is the node's own access link
  float error = 1.5f;        // relative, of the estimate: 1.5 knows nothing
  float adjustment = 0;      // added to both ends' distances; may be negative
  auto operator<=>(const Coordinate&) const = default;
  template <class F> void fields(F&& f) {
    std::apply([&](auto&... axis) { f(axis..., height, error, adjustment); }, position);
  }
};

/// What is known of a node by those who have not talked to it: it describes itself, and others pass that on.
struct PeerRecord {
  base::NodeId id;
  std::uint64_t incarnation = 0;  // seconds since 1970 at its start, raised to refute a rumour
  std::uint32_t version = 0;      // counts its descriptions of itself; (incarnation, version) says which is newer
  std::string name;               // for people and --host; never used for contact
  std::vector<Address> addresses;
  std::vector<base::NodeId> relays;  // for a node nobody can reach directly
  std::vector<Address> relay_addresses;  // one of each relay, in the same order
  Coordinate coordinate;
  std::uint32_t cores_free = 0;
  std::uint32_t cores_total = 0;
  bool operator==(const PeerRecord&) const = default;
  template <class F> void fields(F&& f) {
    f(id, incarnation, version, name, addresses, relays, relay_addresses, coordinate, cores_free, cores_total);
  }
};

enum class RumourKind : std::uint8_t { alive, suspect, dead, left };
inline bool valid(RumourKind k) { return k <= RumourKind::left; }

struct Rumour {
  RumourKind kind = RumourKind::alive;
  base::NodeId subject;
  std::uint64_t incarnation = 0;     // of the subject, that this is about
  base::NodeId reporter;             // who says so first; for alive the subject itself
  std::vector<PeerRecord> record;    // alive: the subject's description of itself; else empty
  template <class F> void fields(F&& f) { f(kind, subject, incarnation, reporter, record); }
};

/// Some of my view, myself first; the other answers with some of its own. (ARRG, HPDC 2007.)
struct GossipRequest {
  std::vector<PeerRecord> records;
  std::vector<Rumour> rumours;
  template <class F> void fields(F&& f) { f(records, rumours); }
};
struct GossipReply {
  std::vector<PeerRecord> records;
  std::vector<Rumour> rumours;
  template <class F> void fields(F&& f) { f(records, rumours); }
};
/// Are you there? The time until the Ack is the round-trip time.
struct Ping {
  std::uint64_t sequence = 0;        // the asker's
  PeerRecord self;                   // of the asker
  std::vector<Rumour> rumours;       // what the asked one should know first: what is said about itself
  bool neighbour = false;            // the asker counts the asked among its neighbours
  template <class F> void fields(F&& f) { f(sequence, self, rumours, neighbour); }
};
struct Ack {
  std::uint64_t sequence = 0;
  PeerRecord self;
  std::vector<Rumour> rumours;
  template <class F> void fields(F&& f) { f(sequence, self, rumours); }
};
/// I cannot reach it: you try. Answered by IndirectAck, with `reached` false if it did not answer in time.
struct PingRequest {
  std::uint64_t sequence = 0;
  PeerRecord target;
  template <class F> void fields(F&& f) { f(sequence, target); }
};
struct IndirectAck {
  std::uint64_t sequence = 0;
  bool reached = false;
  template <class F> void fields(F&& f) { f(sequence, reached); }
};

using Message = std::variant<GossipRequest, GossipReply, Ping, Ack, PingRequest, IndirectAck>;

/// Whether the limits above hold and every number is finite and in range. What is not valid is not used.
bool valid(const Address& address);
bool valid(const Coordinate& coordinate);
bool valid(const PeerRecord& record);
bool valid(const Message& message);

/// Errors of decode: bad_message, for what is malformed or not valid().
base::Bytes encode(const Message& message);
base::Result<Message> decode(base::ByteView bytes);

}  // namespace zel::wire::overlay
