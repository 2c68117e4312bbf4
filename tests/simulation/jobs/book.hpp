// Why: whether a rank was started twice or a core given to two jobs must not be asked of the engines. This is
// the checkers' own book: what every job was promised, what was started of it, what its members were told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/world.hpp"
#include "wire/job.hpp"

namespace zel::simulation::jobs {

using wire::job::JobId;

/// How the ranks of a job behave; drawn with the job.
struct Habits {
  std::uint64_t seed = 0;
  double longest_s = 5;
  double failing = 0;         // of ranks: exit with a code, or by a signal
  double endless = 0;         // of ranks: end only when told to
  double deaf = 0;            // of ranks: do not mind SIGTERM and SIGINT
  double spawn_failing = 0;   // of ranks
  double start_failing = 0;   // of hosts
  double keeper_dying = 0;    // of hosts
  double keeper_stuck = 0;    // of hosts: it does not sweep
  double members = 0;         // of ranks: use libzel
  double talkative = 0;       // of streams: more than their window
};

struct RankRecord {
  bool started = false;        // StartRanks named it
  bool runs = false;
  bool ended_by_itself = false;
  int status = 0;              // then: what it means for the job
  std::uint64_t written[2] = {};
};

struct JobRecord {
  JobId id;
  NodeIndex primary = 0;
  std::uint32_t primary_life = 0;
  wire::run::Submit submit;
  Habits habits;
  std::optional<wire::run::Planned> planned;
  std::set<NodeIndex> prepared;          // the hosts that said so to another node
  std::vector<RankRecord> ranks;
  bool disturbed = false;                // killed, signalled, deserted, …: its exit status is not foretold
  std::int64_t over_ns = -1;             // its launcher knows, or is gone
  std::map<std::uint64_t, wire::member::Event> log;
  std::set<std::pair<std::uint64_t, std::uint32_t>> skipped;  // (entry, rank) that a member was not told

  /// Index into planned->hosts.
  std::optional<std::uint32_t> host_index(const std::string& name) const;
};

class Book {
 public:
  JobRecord& open(JobRecord job);
  JobRecord* find(const JobId& job);
  const std::map<JobId, JobRecord>& jobs() const { return jobs_; }

  void on_planned(JobRecord& job, const wire::run::Planned& planned);
  /// The host starts its part: throws unless it may.
  void on_start(JobRecord& job, NodeIndex host, const std::string& host_name, std::uint32_t total_cores,
                const std::vector<wire::keeper::Spawn>& ranks);
  /// No process of it is left there.
  void on_part_over(const JobId& job, NodeIndex host);
  std::uint32_t used(NodeIndex host) const;

  /// A member hears of log entries; `last` is the last it was told before.
  void on_events(JobRecord& job, std::uint32_t rank, std::uint64_t& last,
                 const std::vector<wire::member::Event>& events);
  /// At the end of a job: what a member was not told was none of its business.
  void check_log(const JobRecord& job) const;

 private:
  struct Use {
    std::uint32_t cores = 0;
    std::set<std::uint32_t> cpus;  // that ranks are bound to alone
  };
  std::map<JobId, JobRecord> jobs_;
  std::map<NodeIndex, std::map<JobId, Use>> used_;
};

std::string name_of(const JobId& job);

}  // namespace zel::simulation::jobs
