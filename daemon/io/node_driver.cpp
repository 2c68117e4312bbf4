#include "daemon/io/node_driver.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <vector>

#include "daemon/keeper/process_tree.hpp"

namespace zel::io {

namespace {

constexpr auto sweep_limit = std::chrono::seconds(2);

}  // namespace

NodeDriver::NodeDriver(EventLoop& loop, daemon::Node& node, std::uint64_t ranks_open_files)
    : loop_(loop), node_(node), ranks_open_files_(ranks_open_files) {
  loop_.on_signal(SIGCHLD, [this](int) { reap_keepers(); });
}

NodeDriver::~NodeDriver() = default;

JobIo* NodeDriver::find(daemon::JobNumber job) {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : found->second.io.get();
}

void NodeDriver::accept(base::UniqueFd launcher) {
  const auto job = next_job_++;
  jobs_[job].io = std::make_unique<JobIo>(loop_, *this, job, std::move(launcher));
}

void NodeDriver::end_all() {
  for (const auto& entry : jobs_) node_.on_launcher_gone(entry.first, loop_.now());
  plan_actions();
}

void NodeDriver::ask_all_to_end(const std::string& why) {
  for (auto& [job, served] : jobs_) {
    served.io->to_launcher(wire::run::Notice{why});
    [[maybe_unused]] const auto heard = node_.on_launcher(job, wire::run::Signal{SIGTERM}, loop_.now());
  }
  plan_actions();
}

bool NodeDriver::launcher_said(daemon::JobNumber job, const wire::run::ToNode& message) {
  plan_actions();
  return node_.on_launcher(job, message, loop_.now()).has_value();
}

void NodeDriver::launcher_gone(daemon::JobNumber job) {
  plan_actions();
  node_.on_launcher_gone(job, loop_.now());
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return;
  found->second.launcher_gone = true;
  // A launcher that never submitted leaves nothing to end.
  if (found->second.io->keeper_pid() < 0) found->second.forgotten = true;
  loop_.defer([this, job] { remove_if_done(job); });
}

bool NodeDriver::keeper_said(daemon::JobNumber job, const wire::keeper::ToNode& message) {
  plan_actions();
  node_.on_keeper(job, message, loop_.now());
  if (std::holds_alternative<wire::keeper::Swept>(message)) find(job)->finish_output();
  return true;
}

/// The keeper died with its work undone: the kernel killed its ranks and gave us the orphans.
void NodeDriver::keeper_gone(daemon::JobNumber job, pid_t keeper) {
  plan_actions();
  std::vector<pid_t> others;
  for (const auto& [number, served] : jobs_) {
    if (number != job && served.io->keeper_pid() > 0) others.push_back(served.io->keeper_pid());
  }
  if (early_keeper_) others.push_back(early_keeper_->pid);
  ::kill(keeper, SIGKILL);  // it may live and only have spoken nonsense
  keeper::sweep(sweep_limit, others);
  node_.on_keeper_gone(job);
  find(job)->finish_output();
}

void NodeDriver::output_drained(daemon::JobNumber job) {
  plan_actions();
  node_.on_output_drained(job);
}

bool NodeDriver::member_said(daemon::JobNumber job, std::uint32_t rank, const wire::member::ToNode& message) {
  plan_actions();
  return node_.on_member(job, rank, message).has_value();
}

void NodeDriver::member_gone(daemon::JobNumber job, std::uint32_t rank) {
  plan_actions();
  node_.on_member_gone(job, rank, loop_.now());
}

void NodeDriver::plan_actions() {
  if (actions_planned_) return;
  actions_planned_ = true;
  loop_.defer([this] { carry_out(); });
}

void NodeDriver::carry_out() {
  actions_planned_ = false;
  for (auto& action : node_.take_actions()) carry_out(action);
  loop_.set_alarm(node_.next_deadline(), [this] {
    node_.on_timer(loop_.now());
    plan_actions();
  });
}

void NodeDriver::carry_out(daemon::Action& action) {
  using namespace daemon;
  if (auto* begin = std::get_if<StartJob>(&action)) {
    start(*begin);
  } else if (auto* keeper = std::get_if<ToKeeper>(&action)) {
    if (JobIo* io = find(keeper->job)) io->to_keeper(keeper->message);
  } else if (auto* stuck = std::get_if<KillKeeper>(&action)) {
    if (JobIo* io = find(stuck->job)) keeper_gone(stuck->job, io->keeper_pid());
  } else if (auto* launcher = std::get_if<ToLauncher>(&action)) {
    if (JobIo* io = find(launcher->job)) io->to_launcher(launcher->message);
  } else if (auto* member = std::get_if<ToMember>(&action)) {
    if (JobIo* io = find(member->job)) io->to_member(member->rank, member->message);
  } else if (auto* close = std::get_if<CloseMember>(&action)) {
    if (JobIo* io = find(close->job)) io->close_member(close->rank);
  } else if (auto* forget = std::get_if<ForgetJob>(&action)) {
    const auto found = jobs_.find(forget->job);
    if (found == jobs_.end()) return;
    found->second.io->finish();
    found->second.forgotten = true;
    loop_.defer([this, job = forget->job] { remove_if_done(job); });
  }
}

void NodeDriver::start(const daemon::StartJob& request) {
  JobIo* io = find(request.job);
  if (!io) return;
  base::Result<KeeperProcess> keeper = early_keeper_ ? base::Result<KeeperProcess>(std::move(*early_keeper_))
                                                     : start_keeper(sibling_program("zel-keeper"));
  early_keeper_.reset();
  base::Result<void> started;
  if (keeper) {
    started = io->start(request, std::move(*keeper), ranks_open_files_);
  } else {
    started = tl::unexpected(keeper.error());
  }
  if (!started) {
    node_.on_start_failed(request.job, started.error().text);
    plan_actions();
  }
}

void NodeDriver::reap_keepers() {
  // Keepers, and orphans of killed ones; nobody waits for their status.
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

void NodeDriver::remove_if_done(daemon::JobNumber job) {
  const auto found = jobs_.find(job);
  if (found == jobs_.end() || !found->second.launcher_gone || !found->second.forgotten) return;
  jobs_.erase(found);
  if (jobs_.empty() && idle_) idle_();
}

}  // namespace zel::io
