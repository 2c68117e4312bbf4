// Why: a node is its engines put together, and this is the only file that knows two of them: what one says,
// another is told here. Still without I/O: daemon/io turns sockets and timers into the calls below and
// carries the actions out; a test does the same with neither.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "daemon/deploy/placement.hpp"
#include "daemon/job/lifecycle.hpp"
#include "daemon/job/membership_log.hpp"
#include "wire/admin.hpp"
#include "wire/keeper.hpp"
#include "wire/member.hpp"
#include "wire/run.hpp"

namespace zel::daemon {

/// This node's own number for a job, given by whoever accepted the launcher's connection.
using JobNumber = std::uint64_t;

/// Make the pipes, start the keeper, hand it the program and each rank with its descriptors.
struct StartJob {
  JobNumber job;
  wire::keeper::Program program;
  std::vector<wire::keeper::Spawn> ranks;
  wire::run::StdinTo stdin_to;
  std::uint32_t stdin_rank;
};
struct ToKeeper {
  JobNumber job;
  wire::keeper::ToKeeper message;
};
/// It does not answer: kill it, sweep what is left, call on_keeper_gone.
struct KillKeeper {
  JobNumber job;
};
struct ToLauncher {
  JobNumber job;
  wire::run::ToLauncher message;
};
struct ToMember {
  JobNumber job;
  std::uint32_t rank;
  wire::member::ToMember message;  // with a Welcome goes the job's shared memory
};
/// The member has left: close its socket after what was sent.
struct CloseMember {
  JobNumber job;
  std::uint32_t rank;
};
/// The job is over; close the launcher's connection after what was sent.
struct ForgetJob {
  JobNumber job;
};
using Action = std::variant<StartJob, ToKeeper, KillKeeper, ToLauncher, ToMember, CloseMember, ForgetJob>;

struct NodeSetup {
  std::string host;           // its name, for people
  deploy::Topology topology;  // what may be used of this host
  std::uint64_t job_names = 0;  // random; makes the names of jobs unlike those of other nodes
};

class Node {
 public:
  explicit Node(NodeSetup setup);
  ~Node();

  /// What a launcher said about the processes of its job. Its data (stdin, credit) goes past this engine.
  /// bad_message: it makes no sense, close the connection.
  base::Result<void> on_launcher(JobNumber job, const wire::run::ToNode& message, base::Time now);
  void on_launcher_gone(JobNumber job, base::Time now);
  /// StartJob could not be carried out.
  void on_start_failed(JobNumber job, const std::string& text);
  void on_keeper(JobNumber job, const wire::keeper::ToNode& message, base::Time now);
  /// The keeper died, and what was left of its tree has been swept.
  void on_keeper_gone(JobNumber job);
  void on_output_drained(JobNumber job);
  base::Result<void> on_member(JobNumber job, std::uint32_t rank, const wire::member::ToNode& message);
  void on_member_gone(JobNumber job, std::uint32_t rank, base::Time now);
  void on_timer(base::Time now);

  /// What runs here, for an administrator.
  wire::admin::Jobs jobs(base::Time now) const;
  /// Ends the job of this name now, without grace. False: there is none.
  bool kill(const std::string& name, base::Time now);

  base::Time next_deadline() const;
  /// What is to be done, in order; empties the list. Called once for several events, it tells each member of
  /// all their log entries in one message.
  std::vector<Action> take_actions();

 private:
  struct Job;

  Job* find(JobNumber job);
  base::Result<void> submit(JobNumber number, const wire::run::Submit& submit, base::Time now);
  void refuse(JobNumber number, int status, std::string text);
  void member_hello(JobNumber number, Job& job, std::uint32_t rank);
  void publish(JobNumber number, Job& job);
  void carry_out(JobNumber number, Job& job);

  NodeSetup setup_;
  std::uint64_t submitted_ = 0;
  std::map<JobNumber, Job> jobs_;
  std::vector<Action> actions_;
};

}  // namespace zel::daemon
