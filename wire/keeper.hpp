// Why: the conversation between a node and the keeper of one job, the process at the root of the job's
// process tree. The node says what to start and whom to signal; the keeper says who started and who ended.
// If the connection breaks, the keeper kills its whole tree. States and limits: docs/protocol/keeper.md.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"

namespace zel::wire::keeper {

/// What all ranks of the job have in common. Sent once, first.
struct Program {
  std::string path;                      // absolute
  std::vector<std::string> arguments;    // argv
  std::vector<std::string> environment;  // NAME=value
  std::string directory;                 // absolute
  std::uint64_t open_files = 1024;       // the ranks' soft limit; the keeper's own is higher
  template <class F> void fields(F&& f) { f(path, arguments, environment, directory, open_files); }
};
/// Start one rank. Four descriptors travel with it: stdin, stdout, stderr, the member socket.
struct Spawn {
  std::uint32_t rank = 0;
  std::vector<std::string> environment;  // added to the common one; a name given twice: this one wins
  std::vector<std::uint32_t> cpus;       // empty: unbound
  template <class F> void fields(F&& f) { f(rank, environment, cpus); }
};
inline constexpr std::size_t descriptors_per_spawn = 4;
/// The member socket's variable: its value is the descriptor's number in the rank.
inline constexpr const char* member_socket_variable = "ZEL_MEMBER_FD";

/// Signal the process group of one rank, if it still runs.
struct Signal {
  std::uint32_t rank = 0;
  std::int32_t number = 0;
  template <class F> void fields(F&& f) { f(rank, number); }
};
/// Kill whatever is left of the tree, say Swept, exit.
struct Sweep {
  template <class F> void fields(F&& f) { f(); }
};

using ToKeeper = std::variant<Program, Spawn, Signal, Sweep>;

struct Spawned {
  std::uint32_t rank = 0;
  std::int32_t pid = 0;
  template <class F> void fields(F&& f) { f(rank, pid); }
};
struct SpawnFailed {
  std::uint32_t rank = 0;
  std::int32_t error_number = 0;
  std::string step;  // what was tried: "execute", "change to the directory", …
  template <class F> void fields(F&& f) { f(rank, error_number, step); }
};
struct Exited {
  std::uint32_t rank = 0;
  std::int32_t code = 0;    // exit code, when signal is 0
  std::int32_t signal = 0;  // or the signal that ended it
  std::uint64_t user_us = 0;
  std::uint64_t system_us = 0;
  std::uint64_t max_rss_kib = 0;
  std::uint64_t ran_us = 0;
  bool told_to_end = false;  // SIGTERM or the sweep reached it alive
  template <class F> void fields(F&& f) {
    f(rank, code, signal, user_us, system_us, max_rss_kib, ran_us, told_to_end);
  }
};
/// Nothing of the tree is left, except `survivors` processes that could not be killed in time.
struct Swept {
  std::uint32_t survivors = 0;
  template <class F> void fields(F&& f) { f(survivors); }
};

using ToNode = std::variant<Spawned, SpawnFailed, Exited, Swept>;

base::Bytes encode(const ToKeeper& message);
base::Bytes encode(const ToNode& message);
base::Result<ToKeeper> decode_to_keeper(base::ByteView bytes);
base::Result<ToNode> decode_to_node(base::ByteView bytes);

}  // namespace zel::wire::keeper
