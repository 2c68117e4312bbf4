// Why: how cores are found without a centre: a request floods the neighbourhood of whoever needs them, hosts
// with room answer with an offer under a short lease, and the seeker claims what it takes.
// States and limits: docs/protocol/schedule.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"
#include "wire/overlay.hpp"

namespace zel::wire::schedule {

inline constexpr std::uint32_t max_hops = 32;
inline constexpr std::uint64_t max_radius_us = 10'000'000;
inline constexpr std::uint32_t max_wanted_cores = 1u << 20;
inline constexpr std::size_t max_labels = 32;
inline constexpr std::size_t max_label_bytes = 128;
inline constexpr std::size_t max_filter_names = 1024;
inline constexpr std::size_t max_reason_bytes = 256;
inline constexpr std::size_t told_bytes = 256;

/// One search of one seeker. Unique: the seeker's id is its key.
struct SearchId {
  base::NodeId seeker;
  std::uint64_t number = 0;
  auto operator<=>(const SearchId&) const = default;
  template <class F> void fields(F&& f) { f(seeker, number); }
};

/// What a host must have. Zero and empty ask for nothing.
struct Requirements {
  std::uint64_t memory_bytes_per_core = 0;
  std::uint64_t disk_bytes = 0;       // free, where the job would run
  std::string architecture;           // as uname -m says: "x86_64"
  std::string system;                 // as uname -s says: "Linux"
  std::vector<std::string> labels;    // "gpu=true", all of them
  std::vector<std::string> hosts;     // names, ids or addresses; empty: any
  std::vector<std::string> excluded;  // the same; wins over hosts
  bool operator==(const Requirements&) const = default;
  template <class F> void fields(F&& f) {
    f(memory_bytes_per_core, disk_bytes, architecture, system, labels, hosts, excluded);
  }
};

/// How far a flood goes.
enum class Metric : std::uint8_t { latency, hops, neighbours };
inline bool valid(Metric m) { return m <= Metric::neighbours; }

/// Floods. A node handles one round of one search once, however often it comes.
struct Request {
  SearchId search;
  std::uint32_t round = 0;
  overlay::PeerRecord seeker;           // whom to answer, and where distance is counted from
  std::uint32_t cores = 1;              // at most that many are of use
  std::uint32_t cores_per_rank = 1;     // an offer is a multiple of this
  Requirements requirements;
  Metric metric = Metric::latency;
  std::uint64_t radius_us = 0;          // latency: of the seeker's coordinate
  std::uint32_t hops_left = 0;          // every metric: no flood goes on for ever
  bool explain = false;                 // nodes that refuse say so
  base::Bytes told;                     // Bloom filter of who is sent this anyway: told_bytes, or empty
  template <class F> void fields(F&& f) {
    f(search, round, seeker, cores, cores_per_rank, requirements, metric, radius_us, hops_left, explain, told);
  }
};
/// The host keeps this many cores for the seeker until the lease ends.
struct Offer {
  SearchId search;
  std::uint32_t round = 0;
  std::uint64_t lease = 0;              // the host's number for it; never 0
  std::uint32_t cores = 0;
  std::uint32_t lease_ms = 0;           // from when it was sent
  overlay::PeerRecord host;
  template <class F> void fields(F&& f) { f(search, round, lease, cores, lease_ms, host); }
};
/// Only when asked to explain.
struct Refusal {
  SearchId search;
  std::uint32_t round = 0;
  overlay::PeerRecord host;
  std::string reason;
  template <class F> void fields(F&& f) { f(search, round, host, reason); }
};
/// I take `cores` of what you offered; the rest is free again. First phase.
struct Claim {
  SearchId search;
  std::uint64_t lease = 0;
  std::uint32_t cores = 0;
  template <class F> void fields(F&& f) { f(search, lease, cores); }
};
/// The answer: kept for `lease_ms` more, within which the job must start; or the lease was over already.
struct Claimed {
  SearchId search;
  std::uint64_t lease = 0;
  bool granted = false;
  std::uint32_t lease_ms = 0;
  template <class F> void fields(F&& f) { f(search, lease, granted, lease_ms); }
};
/// I do not take it, or not any more.
struct Release {
  SearchId search;
  std::uint64_t lease = 0;
  template <class F> void fields(F&& f) { f(search, lease); }
};

using Message = std::variant<Request, Offer, Refusal, Claim, Claimed, Release>;

bool valid(const Requirements& requirements);
bool valid(const Message& message);

/// Errors of decode: bad_message, for what is malformed or not valid().
base::Bytes encode(const Message& message);
base::Result<Message> decode(base::ByteView bytes);

}  // namespace zel::wire::schedule
