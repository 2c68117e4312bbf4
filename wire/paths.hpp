// Why: what two ranks on different hosts tell one another about the ways between them, as the payload of posts
// that nodes carry and do not look into. docs/protocol/paths.md.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace zel::wire::paths {

inline constexpr std::size_t max_word_bytes = 4096;
inline constexpr std::size_t max_addresses = 8;
inline constexpr std::size_t max_outside = 2;  // one of each family
inline constexpr std::size_t max_reason_bytes = 200;
inline constexpr std::size_t max_report_lines = 64;  // of one rank
/// How long an end that was told to dial goes on at most, whatever it was told.
inline constexpr std::uint32_t max_patience_ms = 20'000;

using Key = std::array<std::uint8_t, 32>;

/// Where a rank listens, and the key it was given for this job. No addresses: it cannot, and `why`.
struct Contact {
  Key key{};
  std::uint16_t port = 0;
  std::vector<std::string> addresses;  // numeric; of its host
  std::vector<std::string> outside;    // numeric; where others see its host come from, if that is elsewhere
  bool shut = false;                   // others tried to dial its node, and not all could
  std::string host;                    // what ranks on one host have in common
  std::string why;
  bool has_yours = false;              // the sender knows the receiver's contact, and admits its key
  template <class F> void fields(F&& f) { f(key, port, addresses, outside, shut, host, why, has_yours); }
};
/// The next record in posts has this number.
struct Resume {
  std::uint64_t next = 0;
  template <class F> void fields(F&& f) { f(next); }
};
/// The link is lost; what came up to `received` need not be sent again.
struct Fallen {
  std::uint64_t link = 0;
  std::uint64_t received = 0;
  std::uint64_t taken = 0;
  template <class F> void fields(F&& f) { f(link, received, taken); }
};
struct Ack {
  std::uint64_t taken = 0;
  template <class F> void fields(F&& f) { f(taken); }
};
/// Dial this rank, under this link's number, for so long.
struct DialMe {
  std::uint64_t link = 0;
  std::uint32_t patience_ms = 0;
  template <class F> void fields(F&& f) { f(link, patience_ms); }
};
/// The dial that was asked for has failed.
struct NotReached {
  std::uint64_t link = 0;
  std::string why;
  template <class F> void fields(F&& f) { f(link, why); }
};
/// Let us connect to one another at one moment; this end from `port`.
struct Meet {
  std::uint64_t link = 0;
  std::uint16_t port = 0;
  std::uint32_t patience_ms = 0;
  template <class F> void fields(F&& f) { f(link, port, patience_ms); }
};
/// Agreed; this end from `port`, now.
struct Met {
  std::uint64_t link = 0;
  std::uint16_t port = 0;
  template <class F> void fields(F&& f) { f(link, port); }
};

/// How one rank reached those of one other host, for reports.
struct PathLine {
  std::uint32_t peer = 0;               // one of them
  // How many of them it reached in which way, at last.
  std::uint32_t direct = 0;
  std::uint32_t reverse = 0;
  std::uint32_t meet = 0;
  std::uint32_t nodes = 0;
  std::uint64_t round_trip_us = 0;        // of a link; 0: none was measured
  std::uint64_t nodes_round_trip_us = 0;  // through the nodes; 0: not measured
  std::uint64_t linked_after_us = 0;      // from the first record to or from there; 0: no link
  std::uint64_t sent_bytes = 0;           // payload, by whatever way
  std::uint64_t received_bytes = 0;
  std::uint64_t received_by_nodes_bytes = 0;
  std::uint64_t bytes_per_second = 0;     // received from one of them, at best; 0: too little to tell
  // Why not, each the last reason; empty: it worked, or was not tried.
  std::string not_direct;
  std::string not_reverse;
  std::string not_met;
  template <class F> void fields(F&& f) {
    f(peer, direct, reverse, meet, nodes, round_trip_us, nodes_round_trip_us, linked_after_us, sent_bytes,
      received_bytes, received_by_nodes_bytes, bytes_per_second, not_direct, not_reverse, not_met);
  }
};
bool valid(const PathLine& line);

using Word = std::variant<Contact, Resume, Fallen, Ack, DialMe, NotReached, Meet, Met>;

base::Bytes encode(const Word& word);
/// Strict; texts, lists and sizes are within their limits.
base::Result<Word> decode(base::ByteView bytes);

}  // namespace zel::wire::paths
