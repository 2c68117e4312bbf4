// Why: the conversation between the zeld subcommands and a running node, over the Unix socket admin.sock in its
// runtime directory. One request, one answer. docs/protocol/admin.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/overlay.hpp"

namespace zel::wire::admin {

inline constexpr std::uint32_t version = 1;

struct StatusRequest {
  std::uint32_t protocol = version;
  template <class F> void fields(F&& f) { f(protocol); }
};
struct NodesRequest {
  template <class F> void fields(F&& f) { f(); }
};
struct JobsRequest {
  template <class F> void fields(F&& f) { f(); }
};
/// The job's name as `zeld jobs` shows it. Only its primary can kill it.
struct KillRequest {
  std::string job;
  template <class F> void fields(F&& f) { f(job); }
};
/// Leave the overlay, end the jobs, exit.
struct StopRequest {
  template <class F> void fields(F&& f) { f(); }
};
struct PathsRequest {
  template <class F> void fields(F&& f) { f(); }
};
using Request = std::variant<StatusRequest, NodesRequest, JobsRequest, KillRequest, StopRequest, PathsRequest>;

/// One counter of what was refused, dropped or went wrong, for people who look for a cause.
struct Counter {
  std::string name;
  std::uint64_t value = 0;
  template <class F> void fields(F&& f) { f(name, value); }
};
struct Status {
  std::string id;
  std::string name;
  std::int32_t pid = 0;
  std::uint64_t up_ms = 0;
  std::vector<overlay::Address> listens;
  std::uint32_t cores_free = 0;
  std::uint32_t cores_total = 0;
  std::uint32_t nodes_known = 0;      // alive, without this one
  std::uint32_t neighbours = 0;
  double network_size = 0;            // estimated from gossip; 0: not known yet
  std::uint32_t links = 0;
  std::uint32_t jobs = 0;             // with this node as primary or host
  std::vector<std::string> labels;
  std::vector<Counter> counters;
  template <class F> void fields(F&& f) {
    f(id, name, pid, up_ms, listens, cores_free, cores_total, nodes_known, neighbours, network_size, links, jobs,
      labels, counters);
  }
};
struct NodeLine {
  std::string id;
  std::string name;
  std::vector<overlay::Address> addresses;
  double distance_ms = 0;             // estimated round trip from here; negative: not known
  std::uint32_t cores_free = 0;
  std::uint32_t cores_total = 0;
  std::string state;                  // "self", "alive", "suspect", "dead" or "left"
  template <class F> void fields(F&& f) { f(id, name, addresses, distance_ms, cores_free, cores_total, state); }
};
struct Nodes {
  std::vector<NodeLine> nodes;        // this one first, then by distance
  template <class F> void fields(F&& f) { f(nodes); }
};
struct JobLine {
  std::string job;
  std::string program;
  std::string role;                   // "primary" or "host"
  std::string phase;
  std::uint32_t ranks = 0;            // of the whole job
  std::uint32_t ranks_here = 0;
  std::uint32_t hosts = 0;            // known to the primary only, else 0
  std::uint64_t running_ms = 0;
  template <class F> void fields(F&& f) { f(job, program, role, phase, ranks, ranks_here, hosts, running_ms); }
};
struct Jobs {
  std::vector<JobLine> jobs;
  template <class F> void fields(F&& f) { f(jobs); }
};
struct Done {
  template <class F> void fields(F&& f) { f(); }
};
struct Refused {
  std::string text;
  template <class F> void fields(F&& f) { f(text); }
};
/// How a peer was last sent to, and why not by a better way.
struct PathLine {
  std::string id;
  std::string name;
  std::string rung;                   // "direct", "called back", "relay" or "none"
  std::string relay;                  // its name
  double round_trip_ms = 0;           // negative: not known
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  std::string not_direct;             // why; empty: it is, or was not tried
  std::string not_called_back;
  template <class F> void fields(F&& f) {
    f(id, name, rung, relay, round_trip_ms, sent_bytes, received_bytes, not_direct, not_called_back);
  }
};
struct Paths {
  std::string dialled;                // whether others can dial this node
  std::vector<std::string> relays;    // of this node
  std::uint32_t clients = 0;          // that this node is a relay of
  std::vector<PathLine> paths;        // the latest used first
  template <class F> void fields(F&& f) { f(dialled, relays, clients, paths); }
};
using Reply = std::variant<Status, Nodes, Jobs, Done, Refused, Paths>;

base::Bytes encode(const Request& request);
base::Bytes encode(const Reply& reply);
base::Result<Request> decode_request(base::ByteView bytes);
base::Result<Reply> decode_reply(base::ByteView bytes);

}  // namespace zel::wire::admin
