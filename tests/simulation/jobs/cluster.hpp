// Why: whole nodes in one thread: the shipped daemon::Node on a virtual clock and a virtual network, each with
// launchers and with hosts' processes beside it. What happens to a node's process happens here: crashes,
// restarts under the same id, SIGSTOP, a stop in order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "daemon/node.hpp"
#include "tests/simulation/jobs/book.hpp"
#include "tests/simulation/jobs/clock.hpp"
#include "tests/simulation/network.hpp"

namespace zel::simulation::jobs {

class Launcher;
class Part;
using daemon::LauncherNumber;
using daemon::Node;

struct ClusterSetup {
  std::size_t nodes = 0;
  overlay::Config overlay;
  std::uint32_t most_cores = 4;
  double laziness = 0;   // of events: their actions are taken only a moment later, together with others'
  bool calm = false;     // nothing goes wrong with nodes and no message is lost
  bool trace = false;
};

/// Steps of a job that are seen from outside, at which it hurts most if a node fails.
using StepSeen = std::function<void(const char* step, NodeIndex from, NodeIndex to)>;

class Cluster {
 public:
  Cluster(const ClusterSetup& setup, Network network, base::Random random);
  ~Cluster();

  Clock clock;
  Book book;
  Network network;
  StepSeen on_step;

  std::size_t size() const { return nodes_.size(); }
  const ClusterSetup& setup() const { return setup_; }
  Presence presence(NodeIndex node) const { return nodes_[node].presence; }
  bool runs(NodeIndex node) const { return nodes_[node].node != nullptr; }
  bool is_up(NodeIndex node) const { return nodes_[node].presence == Presence::up; }
  bool stopping(NodeIndex node) const { return nodes_[node].stopping; }
  std::uint32_t life(NodeIndex node) const { return nodes_[node].life; }
  std::uint32_t cores(NodeIndex node) const { return nodes_[node].cores; }
  /// When it last began or continued to run.
  std::int64_t awake_since_ns(NodeIndex node) const { return nodes_[node].awake_ns; }
  const Node& node(NodeIndex node) const { return *nodes_[node].node; }
  base::Time local_time(NodeIndex node) const;

  void start(NodeIndex node, const std::vector<NodeIndex>& bootstrap);
  void crash(NodeIndex node, bool refuses);
  void freeze(NodeIndex node);
  void thaw(NodeIndex node, bool timers_first);
  /// In order; what does not end within `limit_ns` is dropped, as zeld does.
  void stop(NodeIndex node, std::int64_t limit_ns);

  /// A launcher connects and submits.
  void submit(NodeIndex node, const wire::run::Submit& submit, const Habits& habits, base::Random random);
  void kill_by_name(NodeIndex node, const std::string& job);
  /// Something on the node's own host reaches it: at once, or when it continues; never in another life.
  void local(NodeIndex node, std::uint32_t life, std::function<void(Node&, base::Time)> call);

  const std::vector<std::unique_ptr<Launcher>>& launchers() const { return launchers_; }
  std::size_t parts() const { return parts_.size(); }
  /// What is still there of jobs whose primary is dead or has said the last word, long ago.
  void check_leftovers() const;
  std::uint64_t messages() const { return messages_; }
  void note(NodeIndex node, const std::string& text) const;

 private:
  struct Home {
    std::unique_ptr<Node> node;
    base::NodeId id;
    std::int64_t clock_offset_ns = 0;
    std::int64_t wake_ns = 0;
    std::int64_t awake_ns = 0;
    std::int64_t busy_ns = -1;           // timers at one instant
    std::uint32_t busy = 0;
    std::uint32_t cores = 0;
    std::uint32_t life = 0;
    std::uint64_t job_names = 0;
    LauncherNumber next_launcher = 1;
    Presence presence = Presence::absent;
    bool refuses = false;
    bool stopping = false;
    bool settle_planned = false;
    std::vector<std::function<void()>> inbox;  // while frozen
    std::map<LauncherNumber, Launcher*> launchers;
  };
  using PartKey = std::pair<NodeIndex, JobId>;

  NodeIndex index_of(const base::NodeId& id) const;
  void settle(NodeIndex node, bool at_once = false);
  void take_actions(NodeIndex node);
  void dispatch(NodeIndex node, daemon::Action& action);
  void send(NodeIndex from, NodeIndex to, const wire::node::Message& message);
  void deliver(NodeIndex from, NodeIndex to, const wire::node::Message& message);
  void look_at(NodeIndex from, NodeIndex to, const wire::job::Segment& segment);
  void arm(NodeIndex node);
  void wake(NodeIndex node);
  void end(NodeIndex node, Presence presence);

  ClusterSetup setup_;
  base::Random random_;
  std::vector<Home> nodes_;
  std::map<base::NodeId, NodeIndex> index_;
  std::vector<std::unique_ptr<Launcher>> launchers_;
  std::map<PartKey, std::shared_ptr<Part>> parts_;
  std::uint64_t messages_ = 0;
};

}  // namespace zel::simulation::jobs
