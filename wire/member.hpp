// Why: the conversation between a rank that uses libzel and its node, over the connected socket the rank
// inherits: join, the ordered membership log, elections, signals, leave. docs/protocol/member.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace zel::wire::member {

inline constexpr std::uint32_t version = 3;
inline constexpr std::size_t max_name_bytes = 256;    // of an election
inline constexpr std::size_t max_signal_bytes = 4096;  // of a signal's text
/// The size of the job's shared memory on a host with so many ranks: room for their inboxes and for a ring
/// between any two. It is sparse: only what is touched is ever real. libzel/net knows what is in it.
inline constexpr std::uint64_t segment_bytes(std::uint64_t ranks) {
  return (std::uint64_t{128} << 20) + ranks * ranks * (std::uint64_t{160} << 10);
}

enum class EventKind : std::uint8_t { joined, left, died, elected, signalled, closed, terminated };
inline bool valid(EventKind k) { return k <= EventKind::terminated; }

/// One entry of the job's membership log. Every member sees the same prefix in the same order.
struct Event {
  std::uint64_t sequence = 0;  // 1, 2, 3, …
  EventKind kind = EventKind::joined;
  std::uint32_t rank = 0;      // whom it is about; for terminated, who asked
  std::string text;            // elected: the election; signalled: the text; died: the cause
  std::vector<std::uint32_t> to;  // signalled: the ranks it is for; else empty
  template <class F> void fields(F&& f) { f(sequence, kind, rank, text, to); }
};

// ---- member to node --------------------------------------------------------------------------------

struct Hello {
  std::uint32_t protocol = version;
  template <class F> void fields(F&& f) { f(protocol); }
};
/// Stand for an election. The answer is the log's `elected` entry of that name.
struct Elect {
  std::string name;
  template <class F> void fields(F&& f) { f(name); }
};
struct SignalMembers {
  std::string text;
  std::vector<std::uint32_t> to;
  template <class F> void fields(F&& f) { f(text, to); }
};
struct Terminate {
  template <class F> void fields(F&& f) { f(); }
};
/// The last message of a member that ends in order; the node closes the socket after its `left` entry.
struct Leave {
  template <class F> void fields(F&& f) { f(); }
};

/// A piece of a message between this member and a rank on another host; the nodes carry it and look only at
/// `peer`: the receiver when a member says it, the sender when the node does. The rest is libzel's.
struct Post {
  std::uint32_t peer = 0;
  std::uint8_t kind = 0;
  std::uint8_t context = 0;
  std::uint32_t tag = 0;
  std::uint64_t total_bytes = 0;
  base::Bytes payload;               // at most max_post_bytes
  template <class F> void fields(F&& f) { f(peer, kind, context, tag, total_bytes, payload); }
};
inline constexpr std::size_t max_post_bytes = 32u << 10;
/// How many bytes of posts from one rank to another may be on their way, each counting its payload and
/// post_overhead_bytes.
inline constexpr std::size_t post_window_bytes = 128u << 10;
inline constexpr std::size_t post_overhead_bytes = 64;
/// So much of what `peer` posted has been taken in, and may be posted again (a member says it); `peer` has
/// taken in so much (the node says it).
struct PostCredit {
  std::uint32_t peer = 0;
  std::uint32_t bytes = 0;
  template <class F> void fields(F&& f) { f(peer, bytes); }
};

using ToNode = std::variant<Hello, Elect, SignalMembers, Terminate, Leave, Post, PostCredit>;

// ---- node to member --------------------------------------------------------------------------------

/// The answer to Hello. One descriptor travels with it: the job's shared memory on this host, sized
/// segment_bytes and zero-filled at the start of the job.
struct Welcome {
  std::uint32_t protocol = version;
  std::string job;
  std::string node;
  std::uint32_t rank = 0;
  std::uint32_t size = 1;
  std::uint32_t local_rank = 0;
  std::uint32_t local_size = 1;
  std::uint32_t cores = 1;  // usable by the job's ranks on this host, together
  std::vector<std::uint32_t> local_ranks;  // the ranks on this host, this one among them, ascending
  std::uint64_t segment_bytes = 0;
  std::vector<std::string> addresses;  // numeric, without port: where ranks here may be reached by others; may be none
  template <class F> void fields(F&& f) {
    f(protocol, job, node, rank, size, local_rank, local_size, cores, local_ranks, segment_bytes,
      addresses);
  }
};
struct Events {
  std::vector<Event> events;
  template <class F> void fields(F&& f) { f(events); }
};
/// The request before was not granted; the member is not harmed.
struct Refused {
  std::string text;
  template <class F> void fields(F&& f) { f(text); }
};

using ToMember = std::variant<Welcome, Events, Refused, Post, PostCredit>;

base::Bytes encode(const ToNode& message);
base::Bytes encode(const ToMember& message);
base::Result<ToNode> decode_to_node(base::ByteView bytes);
base::Result<ToMember> decode_to_member(base::ByteView bytes);

}  // namespace zel::wire::member
