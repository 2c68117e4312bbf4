// Why: the loop around the Node. Descriptors and timers become its events, its actions become system calls;
// actions are carried out once per turn of the event loop, so that many events cost one message.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "daemon/io/event_loop.hpp"
#include "daemon/io/job_io.hpp"
#include "daemon/node.hpp"

namespace zel::io {

class NodeDriver final : public JobEvents {
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
  /// Ends all jobs at once: the node was told to stop.
  void end_all();
  /// The same with grace: tells the launchers why, and the ranks with SIGTERM.
  void ask_all_to_end(const std::string& why);
  /// Whether no launcher is connected and no job is left.
  bool is_idle() const { return jobs_.empty(); }
  /// Carries out what the node wants after it was spoken to directly.
  void turn() { plan_actions(); }

 private:
  bool launcher_said(daemon::JobNumber job, const wire::run::ToNode& message) override;
  void launcher_gone(daemon::JobNumber job) override;
  bool keeper_said(daemon::JobNumber job, const wire::keeper::ToNode& message) override;
  void keeper_gone(daemon::JobNumber job, pid_t keeper) override;
  void output_drained(daemon::JobNumber job) override;
  bool member_said(daemon::JobNumber job, std::uint32_t rank, const wire::member::ToNode& message) override;
  void member_gone(daemon::JobNumber job, std::uint32_t rank) override;

  void plan_actions();
  void carry_out();
  void carry_out(daemon::Action& action);
  void start(const daemon::StartJob& request);
  void reap_keepers();
  JobIo* find(daemon::JobNumber job);

  struct Served {
    std::unique_ptr<JobIo> io;
    bool launcher_gone = false;
    bool forgotten = false;
  };
  void remove_if_done(daemon::JobNumber job);

  EventLoop& loop_;
  daemon::Node& node_;
  std::uint64_t ranks_open_files_;
  daemon::JobNumber next_job_ = 1;
  std::map<daemon::JobNumber, Served> jobs_;
  std::optional<KeeperProcess> early_keeper_;
  bool actions_planned_ = false;
  std::function<void()> idle_;
};

}  // namespace zel::io
