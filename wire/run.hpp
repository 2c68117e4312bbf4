// Why: the conversation between zrun and its node. zrun submits one job, feeds its stdin and signals, and
// gets its plan, output, exits and end. States and limits: docs/protocol/run.md.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/schedule.hpp"

namespace zel::wire::run {

inline constexpr std::uint32_t version = 2;
/// How many bytes of one stream of one rank may be on their way to zrun's own output at a time: a share of
/// 32 MiB, between 64 KiB and 256 KiB.
inline constexpr std::uint32_t min_output_window_bytes = 64u << 10;
inline constexpr std::uint32_t output_window_bytes(std::uint32_t ranks) {
  return std::clamp((32u << 20) / std::max(ranks, 1u), min_output_window_bytes, 256u << 10);
}
/// How many bytes of stdin may be on their way to the ranks.
inline constexpr std::uint32_t stdin_window_bytes = 256u << 10;
/// The largest piece of output or stdin in one message.
inline constexpr std::uint32_t max_piece_bytes = 64u << 10;
inline constexpr std::uint32_t max_ranks = 4096;
/// The most words of a command line or variables of an environment, and their bytes in all.
inline constexpr std::size_t max_texts = 65536;
inline constexpr std::size_t max_submit_bytes = 3u << 20;
inline constexpr std::size_t bytes_around_text = 5;  // what the encoding adds to each

enum class Binding : std::uint8_t { core, hwthread, numa, none };
inline bool valid(Binding b) { return b <= Binding::none; }

enum class Mapping : std::uint8_t { core, hwthread, numa, package };
inline bool valid(Mapping m) { return m <= Mapping::package; }

enum class StdinTo : std::uint8_t { one_rank, all_ranks, no_rank };
inline bool valid(StdinTo s) { return s <= StdinTo::no_rank; }

/// What the death of a rank does to the others.
enum class OnFailure : std::uint8_t { cancel, ignore };
inline bool valid(OnFailure f) { return f <= OnFailure::ignore; }

enum class Stream : std::uint8_t { out, err };
inline bool valid(Stream s) { return s <= Stream::err; }

struct PlacementWish {
  Binding bind_to = Binding::core;
  Mapping map_by = Mapping::core;
  std::uint32_t cores_per_rank = 1;
  /// False: the default was taken, so too few cores mean "run unbound"; true: the user insists on binding
  /// and ranks share what there is.
  bool binding_given = false;
  template <class F> void fields(F&& f) { f(bind_to, map_by, cores_per_rank, binding_given); }
};

// ---- zrun to node ----------------------------------------------------------------------------------

struct Submit {
  std::uint32_t protocol = version;
  std::uint32_t ranks = 1;
  std::string program;                   // absolute path of what is executed
  std::vector<std::string> arguments;    // argv, [0] as the user typed it
  std::vector<std::string> environment;  // NAME=value
  std::string directory;                 // absolute working directory
  PlacementWish placement;
  StdinTo stdin_to = StdinTo::one_rank;
  std::uint32_t stdin_rank = 0;
  OnFailure on_failure = OnFailure::cancel;
  std::uint32_t grace_ms = 5000;   // between SIGTERM and SIGKILL
  std::uint64_t timeout_ms = 0;    // 0: none
  bool dry_run = false;            // plan, answer, end
  // For a node that has others; a private one has only itself and shares its cores when they are too few.
  schedule::Requirements requirements;
  schedule::Metric metric = schedule::Metric::latency;
  std::uint32_t hops = 0;          // metric hops: how far; 0: as far as needed
  std::uint32_t wait_ms = 10'000;  // how long to look for cores before giving up
  bool oversubscribe = false;      // too few cores: share those there are
  bool explain = false;            // tell of every node asked, in Explained
  template <class F> void fields(F&& f) {
    f(protocol, ranks, program, arguments, environment, directory, placement, stdin_to, stdin_rank, on_failure,
      grace_ms, timeout_ms, dry_run, requirements, metric, hops, wait_ms, oversubscribe, explain);
  }
};

struct StdinData {
  base::Bytes bytes;
  template <class F> void fields(F&& f) { f(bytes); }
};
struct StdinEnd {
  template <class F> void fields(F&& f) { f(); }
};
/// Send this signal to every rank that runs.
struct Signal {
  std::int32_t number = 0;
  template <class F> void fields(F&& f) { f(number); }
};
/// It also ends in an exit status, 128 + number.
inline constexpr std::int32_t max_signal = 64;
inline bool valid(const Signal& s) { return s.number >= 1 && s.number <= max_signal; }
/// End the job now, without grace.
struct Kill {
  template <class F> void fields(F&& f) { f(); }
};
/// zrun has written this much of a stream; the node may send as much again.
struct OutputCredit {
  std::uint32_t rank = 0;
  Stream stream = Stream::out;
  std::uint32_t bytes = 0;
  template <class F> void fields(F&& f) { f(rank, stream, bytes); }
};

using ToNode = std::variant<Submit, StdinData, StdinEnd, Signal, Kill, OutputCredit>;

// ---- node to zrun ----------------------------------------------------------------------------------

struct RankPlan {
  std::vector<std::uint32_t> cpus;  // the operating system's numbers; empty: unbound
  std::string where;                // for people: "package 0 core 3"
  std::uint32_t host = 0;           // index into Planned::hosts
  template <class F> void fields(F&& f) { f(cpus, where, host); }
};
struct HostPlan {
  std::string name;
  std::string id;                  // of its node; empty for a private one
  double distance_ms = 0;          // estimated round trip from the primary
  std::uint32_t cores = 0;         // usable by the job there
  std::uint32_t hwthreads = 0;
  std::uint32_t threads_per_rank = 1;  // the OMP_NUM_THREADS that goes with the binding
  template <class F> void fields(F&& f) { f(name, id, distance_ms, cores, hwthreads, threads_per_rank); }
};
/// The answer to a Submit that was accepted.
struct Planned {
  std::string job;
  std::string node;                // name of the primary's host
  std::string notice;              // one line the user should see, or empty
  std::vector<HostPlan> hosts;     // nearest first; at least one
  std::vector<RankPlan> ranks;
  template <class F> void fields(F&& f) { f(job, node, notice, hosts, ranks); }
};
/// What the search for cores found out about one node. Before Planned or Refused.
struct NodeVerdict {
  std::string name;
  std::string id;
  double distance_ms = 0;
  std::uint32_t cores_taken = 0;   // 0: refused, or not needed
  std::string reason;              // "taken", "not needed: nearer nodes suffice", "label gpu=true is missing", …
  template <class F> void fields(F&& f) { f(name, id, distance_ms, cores_taken, reason); }
};
struct Explained {
  std::vector<NodeVerdict> nodes;  // by distance
  std::string summary;             // one line: rounds, nodes asked, time
  template <class F> void fields(F&& f) { f(nodes, summary); }
};
struct Started {
  std::uint32_t rank = 0;
  std::int32_t pid = 0;
  template <class F> void fields(F&& f) { f(rank, pid); }
};
struct Output {
  std::uint32_t rank = 0;
  Stream stream = Stream::out;
  base::Bytes bytes;
  template <class F> void fields(F&& f) { f(rank, stream, bytes); }
};
/// No more output of this stream will come.
struct OutputEnd {
  std::uint32_t rank = 0;
  Stream stream = Stream::out;
  template <class F> void fields(F&& f) { f(rank, stream); }
};
/// The ranks took this much of stdin.
struct StdinCredit {
  std::uint32_t bytes = 0;
  template <class F> void fields(F&& f) { f(bytes); }
};
/// Nobody reads stdin any more; what is left of it is not wanted.
struct StdinClosed {
  template <class F> void fields(F&& f) { f(); }
};
struct Exited {
  std::uint32_t rank = 0;
  std::int32_t pid = 0;
  std::int32_t code = 0;        // exit code, when signal is 0
  std::int32_t signal = 0;      // the signal that ended it, or 0
  bool ended_by_launcher = false;  // it was told to end: its status does not count as the job's
  std::uint64_t user_us = 0;
  std::uint64_t system_us = 0;
  std::uint64_t max_rss_kib = 0;
  std::uint64_t ran_us = 0;     // from start to exit
  template <class F> void fields(F&& f) {
    f(rank, pid, code, signal, ended_by_launcher, user_us, system_us, max_rss_kib, ran_us);
  }
};
/// A line for the user: a warning, or the cause of a failure.
struct Notice {
  std::string text;
  template <class F> void fields(F&& f) { f(text); }
};
/// The last message of a job that ran. Everything it started is gone.
struct Ended {
  std::int32_t exit_status = 0;
  std::string cause;  // empty when all went well
  template <class F> void fields(F&& f) { f(exit_status, cause); }
};
/// The job cannot run; also a last message.
struct Refused {
  std::int32_t exit_status = 0;
  std::string text;
  template <class F> void fields(F&& f) { f(exit_status, text); }
};

using ToLauncher =
    std::variant<Planned, Started, Output, OutputEnd, StdinCredit, StdinClosed, Exited, Notice, Ended, Refused,
                 Explained>;

base::Bytes encode(const ToNode& message);
base::Bytes encode(const ToLauncher& message);
base::Result<ToNode> decode_to_node(base::ByteView bytes);
base::Result<ToLauncher> decode_to_launcher(base::ByteView bytes);

}  // namespace zel::wire::run
