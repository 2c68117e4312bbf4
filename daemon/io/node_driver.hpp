// Why: the loop around the Node. Descriptors and timers become its events, its actions become system calls;
// actions are carried out once per turn of the event loop, so that many events cost one message.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "daemon/io/event_loop.hpp"
#include "daemon/io/host_io.hpp"
#include "daemon/io/launcher_io.hpp"
#include "daemon/node.hpp"

namespace zel::io {

/// How to send to other nodes; a private node has none.
class PeerLinks {
 public:
  virtual ~PeerLinks() = default;
  /// `may_drop`: when the link is full. Else it is kept until the link takes it or breaks.
  virtual void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) = 0;
  virtual void send(const wire::overlay::Address& to, base::Bytes message) = 0;
};

class NodeDriver final : public HostEvents {
 public:
  /// `ranks_open_files`: the soft limit of open files that ranks are given.
  NodeDriver(EventLoop& loop, daemon::Node& node, std::uint64_t ranks_open_files);
  ~NodeDriver() override;

  /// Serves the launcher at the other end of this connection.
  void accept(base::UniqueFd launcher);
  /// A keeper for the first job, started ahead of it so that it comes up while the node looks at the hardware.
  void offer_keeper(KeeperProcess keeper) { early_keeper_ = std::move(keeper); }
  /// Lets go of keepers that have no job, which ends them.
  void close_keepers() { early_keeper_.reset(); }
  /// Called when the last launcher has gone and its job is over.
  void on_idle(std::function<void()> idle) { idle_ = std::move(idle); }
  /// Called with what belongs in the node's log.
  void on_remark(std::function<void(const std::string&)> remark) { remark_ = std::move(remark); }
  /// The links outlive the driver's use of them.
  void use_links(PeerLinks& links) { links_ = &links; }
  /// What came over a link; false when it does not decode.
  bool on_link_message(const base::NodeId& from, base::ByteView bytes);
  void on_unreachable(const base::NodeId& node);
  /// Carries out what the node wants after it was spoken to directly.
  void turn() { plan_actions(); }
  /// Ends all jobs that were submitted here at once, as if their launchers had gone.
  void end_all();
  /// The same with grace: tells the launchers why, and the ranks with SIGTERM. No more jobs are taken.
  void ask_all_to_end(const std::string& why);
  /// Whether no launcher is connected and no job is left, nor anything to be said to other nodes.
  bool is_idle() const { return launchers_.empty() && parts_.empty() && node_.idle(); }

 private:
  bool keeper_said(const JobId& job, const wire::keeper::ToNode& message) override;
  void keeper_gone(const JobId& job, pid_t keeper) override;
  void output(const JobId& job, wire::run::Output output) override;
  void output_ended(const JobId& job, std::uint32_t rank, wire::run::Stream stream) override;
  void stdin_taken(const JobId& job, std::uint32_t bytes) override;
  void stdin_closed(const JobId& job) override;
  bool member_said(const JobId& job, std::uint32_t rank, const wire::member::ToNode& message) override;
  void member_gone(const JobId& job, std::uint32_t rank) override;

  void launcher_gone(daemon::LauncherNumber launcher);
  void plan_actions();
  void carry_out();
  void carry_out(daemon::Action& action);
  void carry_out(const JobId& job, job::HostAction& action);
  void start(const JobId& job, const job::StartRanks& request);
  void sweep_after(const JobId& job, base::Time until);
  void reap_keepers();
  HostIo* find(const JobId& job);
  void remove_if_done(daemon::LauncherNumber launcher);
  void stop_if_idle();

  struct Launcher {
    std::unique_ptr<LauncherIo> io;
    std::unique_ptr<Timer> patience;  // until it has said something
    bool gone = false;
    bool forgotten = false;
  };

  EventLoop& loop_;
  daemon::Node& node_;
  std::uint64_t ranks_open_files_;
  PeerLinks* links_ = nullptr;
  daemon::LauncherNumber next_launcher_ = 1;
  std::map<daemon::LauncherNumber, Launcher> launchers_;
  std::map<JobId, std::unique_ptr<HostIo>> parts_;
  std::map<JobId, std::unique_ptr<Timer>> sweeps_;  // after keepers that died
  std::optional<KeeperProcess> early_keeper_;
  bool actions_planned_ = false;
  bool stopping_ = false;
  std::function<void()> idle_;
  std::function<void(const std::string&)> remark_;
};

}  // namespace zel::io
