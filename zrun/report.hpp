// Why: what happened in a run, for programs (--json) and for people (--report-bindings, --dry-run), said from
// the same record, so that the two cannot differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/run.hpp"

namespace zel::zrun {

/// What is known of a run: kept by passing on the node's messages as they come.
class RunRecord {
 public:
  /// `program` is the absolute path of what is executed.
  RunRecord(std::string program, std::vector<std::string> arguments);

  void on(const wire::run::Planned& planned);
  // Messages about a rank that was not planned are ignored; the session refuses them.
  void on(const wire::run::Started& started);
  void on(const wire::run::Exited& exited);
  void on(const wire::run::PathReport& paths);
  void on(const wire::run::Ended& ended);
  /// The job was refused: its status and text stand for Ended's.
  void on(const wire::run::Refused& refused);

  struct Rank {
    std::optional<std::int32_t> pid;
    std::optional<wire::run::Exited> exited;
  };
  const std::string& program() const { return program_; }
  const std::vector<std::string>& arguments() const { return arguments_; }
  const wire::run::Planned& planned() const { return planned_; }
  const std::vector<Rank>& ranks() const { return ranks_; }  // as many as planned
  const std::optional<wire::run::PathReport>& paths() const { return paths_; }
  const std::optional<wire::run::Ended>& ended() const { return ended_; }

 private:
  std::string program_;
  std::vector<std::string> arguments_;
  wire::run::Planned planned_;
  std::vector<Rank> ranks_;
  std::optional<wire::run::PathReport> paths_;
  std::optional<wire::run::Ended> ended_;
};

/// By which way most pairs of ranks talk; of as many the better: "memory", "direct", "reverse", "meet" or "nodes".
std::string way_of(const wire::run::PathRow& row);

/// The --json document, indented, with a newline at the end. `seconds` is how long the whole run took.
///
///   version      2; becomes another number when a field changes its meaning or goes
///   job, node    names, node being the one that managed the run; empty when nothing was planned
///   program      absolute path
///   arguments    argv, [0] as typed
///   notice       as planned
///   hosts        [{name, id, distance_ms, cores, hwthreads, threads_per_rank}], nearest first; id is empty for a
///                private node
///   ranks        [{rank, host, pid, cpus, where, exit_code, signal, ended_by_launcher,
///                  user_seconds, system_seconds, max_rss_kib, ran_seconds}]
///                host is a name; pid is null for a rank that never started; what only an exit tells is null without
///                one; of exit_code and signal one is null; cpus is empty for an unbound rank
///   paths        [{from, to, by, pairs: {direct, reverse, meet, nodes}, round_trip_ms, nodes_round_trip_ms,
///                  linked_after_seconds, sent_bytes, received_bytes, by_nodes_bytes, send_mbit_per_second,
///                  receive_mbit_per_second, why_not: {direct, reverse, meet}}]
///                for each pair of hosts whose ranks use libzel; from and to are names, what is sent goes from `from`;
///                by is the way of most pairs of ranks: memory (from is to), direct, reverse, meet or nodes; times and
///                rates are null where they were not measured, why_not where there is no reason; null when the job
///                did not end in order
///   exit_status, cause    of the job; exit_status is null when its end is not known
///   seconds
///
/// Bytes that are not UTF-8 appear as U+FFFD, since JSON cannot carry them.
std::string json_report(const RunRecord& record, double seconds);

/// The table of --report-bindings and --dry-run: for each host a line about it, then one per rank. Ends in a newline.
///
///   4 ranks on node7: 2 cores, 4 hwthreads, OMP_NUM_THREADS 1
///   rank  cpus  where
///      0  0,2   package 0 core 0
std::string bindings_table(const wire::run::Planned& planned);

/// The table of --report-paths: a line for each pair of hosts, and under it why there was no better way. Ends in a newline.
///
///   from   to     by       round trip  through nodes  linked after  sent     received  Mbit/s out  Mbit/s in
///   node7  node9  reverse  20.3 ms     41.0 ms        1.42 s        1.2 GiB  64 KiB    812         -
///          not direct: no answer in time
std::string paths_table(const wire::run::Planned& planned, const wire::run::PathReport& paths);

/// The table of --explain: a line per node asked, then the summary. Ends in a newline.
///
///   node   id          distance  cores  why
///   node7  6018b38ec7  0.00 ms       2  taken
std::string explained_table(const wire::run::Explained& explained);

}  // namespace zel::zrun
