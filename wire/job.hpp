// Why: a job has one primary, the node whose zrun submitted it, and one or more hosts, the nodes that run its
// ranks. This is what the two say to each other; where they are one node it is said without being encoded.
// Segments carry it over links that may lose. States and limits: docs/protocol/job.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"
#include "wire/keeper.hpp"
#include "wire/member.hpp"
#include "wire/overlay.hpp"
#include "wire/run.hpp"

namespace zel::wire::job {

inline constexpr std::uint32_t version = 2;
inline constexpr std::size_t max_job_name_bytes = 64;
inline constexpr std::size_t max_reset_bytes = 256;

/// Unique: the primary's id is its key, and its numbers begin at a random one. For a private node: nobody's.
struct JobId {
  base::NodeId primary;
  std::uint64_t number = 0;
  auto operator<=>(const JobId&) const = default;
  template <class F> void fields(F&& f) { f(primary, number); }
};

// ---- primary to host -------------------------------------------------------------------------------

/// First. Make ready for these ranks, but start nothing: answered by Prepared or PrepareFailed.
struct Prepare {
  std::uint32_t protocol = version;
  std::string job;                       // its name, for people
  overlay::PeerRecord primary;
  std::uint64_t lease = 0;               // the host's number for the cores it granted; 0: a private node
  std::uint32_t cores = 0;               // granted; 0: all of the host
  std::uint32_t size = 1;                // ranks of the whole job
  std::vector<std::uint32_t> ranks;      // those of this host, ascending
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string directory;
  run::PlacementWish placement;
  run::StdinTo stdin_to = run::StdinTo::one_rank;
  std::uint32_t stdin_rank = 0;
  bool report_paths = false;
  template <class F> void fields(F&& f) {
    f(protocol, job, primary, lease, cores, size, ranks, program, arguments, environment, directory, placement,
      stdin_to, stdin_rank, report_paths);
  }
};
/// All hosts are prepared: start the ranks.
struct Start {
  template <class F> void fields(F&& f) { f(); }
};
/// The rank is in the log: welcome it.
struct Admit {
  std::uint32_t rank = 0;
  template <class F> void fields(F&& f) { f(rank); }
};
/// It has left: close its socket.
struct Dismiss {
  std::uint32_t rank = 0;
  template <class F> void fields(F&& f) { f(rank); }
};
/// A Refused, Post or PostCredit for this rank.
struct TellMember {
  std::uint32_t rank = 0;
  member::ToMember message;
  template <class F> void fields(F&& f) { f(rank, message); }
};
/// Last. The primary wants nothing more: what still runs is swept, the cores are free.
struct Over {
  template <class F> void fields(F&& f) { f(); }
};

using ToHost = std::variant<Prepare, Start, keeper::Signal, keeper::Sweep, run::StdinData, run::StdinEnd,
                            run::OutputCredit, Admit, Dismiss, TellMember, member::Events, Over>;

// ---- host to primary -------------------------------------------------------------------------------

struct Prepared {
  std::vector<run::RankPlan> ranks;  // in the order of Prepare::ranks; their `host` is not set
  std::uint32_t cores = 0;
  std::uint32_t hwthreads = 0;
  std::uint32_t threads_per_rank = 1;
  std::string notice;
  template <class F> void fields(F&& f) { f(ranks, cores, hwthreads, threads_per_rank, notice); }
};
struct PrepareFailed {
  std::int32_t status = 0;           // what zrun would exit with
  std::string text;
  template <class F> void fields(F&& f) { f(status, text); }
};
/// The ranks of this host are gone without having been told to: its keeper died or could not be started.
struct KeeperLost {
  std::int32_t status = 0;
  std::string cause;
  template <class F> void fields(F&& f) { f(status, cause); }
};
struct MemberSaid {
  std::uint32_t rank = 0;
  member::ToNode request;
  template <class F> void fields(F&& f) { f(rank, request); }
};
/// Its socket closed without a Leave, and no exit has explained it.
struct MemberLost {
  std::uint32_t rank = 0;
  template <class F> void fields(F&& f) { f(rank); }
};

using ToPrimary = std::variant<Prepared, PrepareFailed, keeper::Spawned, keeper::SpawnFailed, keeper::Exited,
                               keeper::Swept, KeeperLost, run::Output, run::OutputEnd, run::StdinCredit,
                               run::StdinClosed, MemberSaid, MemberLost>;

/// Errors of decode: bad_message, for what is malformed or beyond a limit.
base::Bytes encode(const ToHost& message);
base::Bytes encode(const ToPrimary& message);
base::Result<ToHost> decode_to_host(base::ByteView bytes);
base::Result<ToPrimary> decode_to_primary(base::ByteView bytes);

// ---- how it travels --------------------------------------------------------------------------------

enum class SegmentKind : std::uint8_t { data, ack, reset };
inline bool valid(SegmentKind k) { return k <= SegmentKind::reset; }

/// One piece of one direction of the conversation of one job between its primary and one host.
struct Segment {
  JobId job;
  bool from_primary = false;
  SegmentKind kind = SegmentKind::ack;
  std::uint64_t number = 0;          // data: 1, 2, 3, …
  std::uint64_t acked = 0;           // all of the other direction up to here have come
  base::Bytes payload;               // data: one message; reset: why, as text
  template <class F> void fields(F&& f) { f(job, from_primary, kind, number, acked, payload); }
};

bool valid(const Segment& segment);
base::Bytes encode(const Segment& segment);
base::Result<Segment> decode_segment(base::ByteView bytes);

}  // namespace zel::wire::job
