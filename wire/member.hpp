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

inline constexpr std::uint32_t version = 1;
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

using ToNode = std::variant<Hello, Elect, SignalMembers, Terminate, Leave>;

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
  std::uint64_t segment_bytes = 0;
  template <class F> void fields(F&& f) {
    f(protocol, job, node, rank, size, local_rank, local_size, cores, segment_bytes);
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

using ToMember = std::variant<Welcome, Events, Refused>;

base::Bytes encode(const ToNode& message);
base::Bytes encode(const ToMember& message);
base::Result<ToNode> decode_to_node(base::ByteView bytes);
base::Result<ToMember> decode_to_member(base::ByteView bytes);

}  // namespace zel::wire::member
