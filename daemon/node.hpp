// Why: a node is its engines put together: the jobs submitted here, the parts of jobs that run here, the other
// nodes. What one says, another is told here. Still without I/O: daemon/io turns sockets and timers into the
// calls below and carries the actions out; a test or the simulator does the same with neither.
//
// The primary of a job speaks to its hosts by mail. Mail for this node itself is handed over as it is, in
// order; mail for another goes through a stream of segments.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.hpp"
#include "base/time.hpp"
#include "daemon/deploy/core_book.hpp"
#include "daemon/job/host_job.hpp"
#include "daemon/job/primary.hpp"
#include "daemon/job/stream.hpp"
#include "daemon/peer.hpp"
#include "wire/admin.hpp"
#include "wire/node.hpp"

namespace zel::daemon {

/// This node's own number for a launcher's connection, given by whoever accepted it; never used twice.
using LauncherNumber = std::uint64_t;
using wire::job::JobId;

struct ToLauncher {
  LauncherNumber launcher;
  wire::run::ToLauncher message;
};
/// Its job is over; close the connection after what was sent.
struct ForgetLauncher {
  LauncherNumber launcher;
};
/// For the ranks of a job on this host.
struct AtHost {
  JobId job;
  job::HostAction action;
};
struct SendToNode {
  wire::overlay::PeerRecord to;
  wire::node::Message message;
  bool may_drop;  // when the link is full: it is soon said again
};
using overlay::SendToAddress;
/// Something that belongs in this node's log.
struct Remark {
  std::string text;
};
using Action = std::variant<ToLauncher, ForgetLauncher, AtHost, SendToNode, SendToAddress, Remark>;

struct NodeSetup {
  std::string host;             // its name, for people
  deploy::Topology topology;    // what may be used of this host
  std::uint64_t job_names = 0;  // random; makes the names and ids of jobs unlike those of other nodes
  std::optional<PeerSetup> peer = std::nullopt;  // none: a private node, which has only itself
  std::uint64_t seed = 0;       // of what is drawn for the peers' protocols
  job::StreamConfig stream = {};
};

class Node {
 public:
  explicit Node(NodeSetup setup, base::Time now = {});
  ~Node();

  // ---- launchers ----
  /// bad_message: it makes no sense, close the connection.
  base::Result<void> on_launcher(LauncherNumber launcher, const wire::run::ToNode& message, base::Time now);
  void on_launcher_gone(LauncherNumber launcher, base::Time now);
  /// Whether it has submitted a job that is not over.
  bool has_job_of(LauncherNumber launcher) const {
    return primaries_.contains(launcher) || searches_.contains(launcher);
  }

  // ---- ranks on this host ----
  /// StartRanks could not be carried out.
  void on_start_failed(const JobId& job, const std::string& text, base::Time now);
  void on_keeper(const JobId& job, const wire::keeper::ToNode& message, base::Time now);
  /// The keeper died, and what was left of its tree has been swept.
  void on_keeper_gone(const JobId& job, base::Time now);
  void on_output(const JobId& job, wire::run::Output output, base::Time now);
  void on_output_end(const JobId& job, std::uint32_t rank, wire::run::Stream stream, base::Time now);
  void on_stdin_taken(const JobId& job, std::uint32_t bytes, base::Time now);
  void on_stdin_closed(const JobId& job, base::Time now);
  /// bad_message: no libzel says this, close the connection.
  base::Result<void> on_member(const JobId& job, std::uint32_t rank, const wire::member::ToNode& message,
                               base::Time now);
  void on_member_gone(const JobId& job, std::uint32_t rank, base::Time now);

  // ---- other nodes ----
  /// A message that decoded. `from` is authenticated by the link.
  void on_link_message(const base::NodeId& from, const wire::node::Message& message, base::Time now);
  void on_unreachable(const base::NodeId& node, base::Time now);

  void on_timer(base::Time now);
  base::Time next_deadline() const;
  /// What is to be done, in order; empties the list. Called once for several events, it tells each member of
  /// all their log entries in one message.
  std::vector<Action> take_actions(base::Time now);

  // ---- administration ----
  wire::admin::Status status(base::Time now) const;
  wire::admin::Nodes nodes() const;
  wire::admin::Jobs jobs(base::Time now) const;
  /// By its name. Errors: refused, when no job of that name was submitted here.
  base::Result<void> kill(const std::string& job, base::Time now);
  /// Asks the jobs submitted here to end, with their grace, ends the parts of others, and then leaves the
  /// overlay; no new jobs are taken.
  void stop(const std::string& why, base::Time now);
  /// Waits for no other node: parts of their jobs end by themselves, what is still to be said is not.
  void drop_parts(base::Time now);
  /// No job is here, and nobody waits for an answer about one.
  bool idle() const;
  /// What waits to be sent to other nodes about jobs, or to be acknowledged by them.
  std::size_t queued_bytes() const;
  /// None for a private node.
  Peer* peer() { return peer_.get(); }

 private:
  struct Search {
    wire::run::Submit submit;
    base::Time began;
    std::vector<wire::overlay::PeerRecord> records;  // of the hosts found
  };
  struct Hosted {
    job::HostJob part;
    std::uint64_t lease;
    base::Time began;
    bool members_held = false;
  };
  struct Conversation {
    job::Stream stream;
    wire::overlay::PeerRecord other;
    bool closing = false;  // what was sent is all there will be
    std::optional<base::NodeId> held_for = std::nullopt;  // the first that waits is for this host, which is congested
  };
  struct StreamKey {
    JobId job;
    base::NodeId other;
    auto operator<=>(const StreamKey&) const = default;
  };
  struct MailToHost {
    LauncherNumber launcher;
    std::uint32_t host;
    wire::job::ToHost message;
  };
  struct MailToPrimary {
    JobId job;
    base::NodeId from;
    wire::job::ToPrimary message;
  };

  // node.cpp
  base::Result<void> submit(LauncherNumber launcher, const wire::run::Submit& submit, base::Time now);
  void refuse(LauncherNumber launcher, int status, std::string text);
  void remark(std::string text);
  template <class Event>
  void at_host(const JobId& job, base::Time now, Event event);

  // node_jobs.cpp
  void begin_job(LauncherNumber launcher, wire::run::Submit submit, std::vector<job::HostShare> hosts, base::Time now);
  /// Errors: refused, when it finds no lease.
  base::Result<void> prepare_part(const JobId& job, const wire::job::Prepare& prepare, base::Time now);
  base::Result<job::HostSetup> plan_part(const wire::job::Prepare& prepare, std::uint32_t granted) const;
  void collect(LauncherNumber launcher);
  void collect(const JobId& job);
  void deliver(MailToHost& mail, base::Time now);
  void deliver(MailToPrimary& mail, base::Time now);
  void settle(base::Time now);
  void forget_part(const JobId& job, base::Time now);
  JobId id_of(LauncherNumber launcher) const;
  std::string name_of(LauncherNumber launcher) const;
  std::optional<LauncherNumber> launcher_of(const JobId& job) const;
  base::NodeId self_id() const;

  // node_streams.cpp
  bool is_here(const base::NodeId& node) const { return node == self_id(); }
  Conversation& conversation(const JobId& job, const wire::overlay::PeerRecord& other, base::Time now);
  void post(const JobId& job, const base::NodeId& to, base::Bytes payload, bool last, base::Time now);
  void on_segment(const base::NodeId& from, const wire::job::Segment& segment, base::Time now);
  void receive(const StreamKey& key, base::Time now);
  void receive_at_primary(const StreamKey& key, Conversation& talk, base::Time now);
  bool congested(const JobId& job, const base::NodeId& host) const;
  std::optional<base::NodeId> host_of_post(const JobId& job, const wire::job::ToPrimary& message) const;
  void hold_members();
  void lose_stream(const StreamKey& key, const std::string& why, base::Time now);
  void lose_node(const base::NodeId& node, const std::string& why, base::Time now);
  void tend_streams(base::Time now);
  bool ended_lately(const JobId& job) const;
  void reset(const StreamKey& about, const std::string& why);

  // node_peers.cpp
  void seek(LauncherNumber launcher, const wire::run::Submit& submit, base::Time now);
  void tend_peer(base::Time now);
  void found(schedule::Found& found, base::Time now);
  void not_found(schedule::NotFound& missing);
  wire::overlay::PeerRecord record_of(const base::NodeId& node) const;

  NodeSetup setup_;
  base::Time began_;
  deploy::CoreBook cores_;
  std::unique_ptr<Peer> peer_;
  bool stopping_ = false;
  std::map<LauncherNumber, Search> searches_;
  std::map<LauncherNumber, job::PrimaryJob> primaries_;
  std::map<JobId, Hosted> hosted_;
  std::map<StreamKey, Conversation> streams_;
  std::deque<JobId> forgotten_;  // whose parts ended here lately
  std::deque<std::variant<MailToHost, MailToPrimary>> mail_;
  std::uint64_t segments_refused_ = 0;
  std::uint64_t streams_broken_ = 0;
  bool left_ = false;
  std::vector<Action> actions_;
};

}  // namespace zel::daemon
