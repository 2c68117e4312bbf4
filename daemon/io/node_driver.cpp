#include "daemon/io/node_driver.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <vector>

#include "daemon/keeper/process_tree.hpp"

namespace zel::io {

namespace {

constexpr auto sweep_limit = std::chrono::seconds(2);
constexpr auto sweep_again = std::chrono::milliseconds(2);  // between two looks at what is left
constexpr std::size_t max_launchers = 1024;
constexpr auto launcher_patience = std::chrono::seconds(10);  // from connecting to submitting

}  // namespace

NodeDriver::NodeDriver(EventLoop& loop, daemon::Node& node, std::uint64_t ranks_open_files)
    : loop_(loop), node_(node), ranks_open_files_(ranks_open_files) {
  loop_.on_signal(SIGCHLD, [this](int) { reap_keepers(); });
}

NodeDriver::~NodeDriver() = default;

HostIo* NodeDriver::find(const JobId& job) {
  const auto found = parts_.find(job);
  return found == parts_.end() ? nullptr : found->second.get();
}

// ---- what happened ---------------------------------------------------------------------------------

void NodeDriver::accept(base::UniqueFd socket) {
  if (launchers_.size() >= max_launchers) return;
  const auto launcher = next_launcher_++;
  auto& patience = launchers_[launcher].patience;
  patience = std::make_unique<Timer>(loop_, [this, launcher] { launchers_.at(launcher).io->finish(); });
  patience->set(loop_.now() + launcher_patience);
  launchers_[launcher].io = std::make_unique<LauncherIo>(
      loop_, std::move(socket),
      [this, launcher](const wire::run::ToNode& message) {
        plan_actions();
        launchers_.at(launcher).patience.reset();
        return node_.on_launcher(launcher, message, loop_.now()).has_value();
      },
      [this, launcher] { launcher_gone(launcher); });
}

void NodeDriver::launcher_gone(daemon::LauncherNumber launcher) {
  plan_actions();
  const auto found = launchers_.find(launcher);
  if (found == launchers_.end()) return;
  found->second.gone = true;
  // One that never submitted leaves nothing to end.
  if (!node_.has_job_of(launcher)) found->second.forgotten = true;
  node_.on_launcher_gone(launcher, loop_.now());
  loop_.defer([this, launcher] { remove_if_done(launcher); });
}

void NodeDriver::end_all() {
  for (const auto& entry : launchers_) node_.on_launcher_gone(entry.first, loop_.now());
  node_.drop_parts(loop_.now());
  plan_actions();
}

void NodeDriver::ask_all_to_end(const std::string& why) {
  stopping_ = true;
  node_.stop(why, loop_.now());
  plan_actions();
}

bool NodeDriver::keeper_said(const JobId& job, const wire::keeper::ToNode& message) {
  plan_actions();
  node_.on_keeper(job, message, loop_.now());
  if (std::holds_alternative<wire::keeper::Swept>(message)) find(job)->finish_output();
  return true;
}

/// The keeper died with its work undone: the kernel killed its ranks and gave us the orphans. Those may take a while to
/// end, or to be found all: other jobs go on meanwhile.
void NodeDriver::keeper_gone(const JobId& job, pid_t keeper) {
  ::kill(keeper, SIGKILL);  // it may live and only have spoken nonsense
  if (sweeps_.contains(job)) return;
  sweeps_[job] = std::make_unique<Timer>(loop_, [this, job, until = loop_.now() + sweep_limit] { sweep_after(job, until); });
  sweeps_[job]->set(loop_.now());
}

void NodeDriver::sweep_after(const JobId& job, base::Time until) {
  std::vector<pid_t> others;
  for (const auto& [number, part] : parts_) {
    if (!sweeps_.contains(number) && part->keeper_pid() > 0) others.push_back(part->keeper_pid());
  }
  if (early_keeper_) others.push_back(early_keeper_->pid);
  if (keeper::sweep(base::Duration::zero(), others) != 0 && loop_.now() < until) {
    sweeps_.at(job)->set(loop_.now() + sweep_again);
    return;
  }
  loop_.defer([this, job] { sweeps_.erase(job); });
  HostIo* io = find(job);
  if (!io) return;
  plan_actions();
  node_.on_keeper_gone(job, loop_.now());
  io->finish_output();
}

void NodeDriver::output(const JobId& job, wire::run::Output output) {
  plan_actions();
  node_.on_output(job, std::move(output), loop_.now());
}

void NodeDriver::output_ended(const JobId& job, std::uint32_t rank, wire::run::Stream stream) {
  plan_actions();
  node_.on_output_end(job, rank, stream, loop_.now());
}

void NodeDriver::stdin_taken(const JobId& job, std::uint32_t bytes) {
  plan_actions();
  node_.on_stdin_taken(job, bytes, loop_.now());
}

void NodeDriver::stdin_closed(const JobId& job) {
  plan_actions();
  node_.on_stdin_closed(job, loop_.now());
}

bool NodeDriver::member_said(const JobId& job, std::uint32_t rank, const wire::member::ToNode& message) {
  plan_actions();
  return node_.on_member(job, rank, message, loop_.now()).has_value();
}

void NodeDriver::member_gone(const JobId& job, std::uint32_t rank) {
  plan_actions();
  node_.on_member_gone(job, rank, loop_.now());
}

bool NodeDriver::on_link_message(const base::NodeId& from, base::ByteView bytes) {
  const auto message = wire::node::decode(bytes);
  if (!message) return false;
  plan_actions();
  node_.on_link_message(from, *message, loop_.now());
  return true;
}

void NodeDriver::on_unreachable(const base::NodeId& node) {
  plan_actions();
  node_.on_unreachable(node, loop_.now());
}

void NodeDriver::reap_keepers() {
  // Keepers, and orphans of killed ones; nobody waits for their status.
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
}

// ---- what is to be done ----------------------------------------------------------------------------

void NodeDriver::plan_actions() {
  if (actions_planned_) return;
  actions_planned_ = true;
  loop_.defer([this] { carry_out(); });
}

void NodeDriver::carry_out() {
  actions_planned_ = false;
  for (auto& action : node_.take_actions(loop_.now())) carry_out(action);
  loop_.set_alarm(node_.next_deadline(), [this] {
    node_.on_timer(loop_.now());
    plan_actions();
  });
  // A node that stops may have waited for other nodes only.
  if (stopping_) stop_if_idle();
}

void NodeDriver::carry_out(daemon::Action& action) {
  if (auto* launcher = std::get_if<daemon::ToLauncher>(&action)) {
    const auto found = launchers_.find(launcher->launcher);
    if (found != launchers_.end()) found->second.io->send(launcher->message);
  } else if (auto* here = std::get_if<daemon::AtHost>(&action)) {
    carry_out(here->job, here->action);
  } else if (auto* send = std::get_if<daemon::SendToNode>(&action)) {
    if (links_) links_->send(send->to, wire::node::encode(send->message), send->may_drop);
  } else if (auto* bootstrap = std::get_if<daemon::SendToAddress>(&action)) {
    if (links_) links_->send(bootstrap->to, wire::node::encode(bootstrap->message));
  } else if (auto* remark = std::get_if<daemon::Remark>(&action)) {
    if (remark_) remark_(remark->text);
  } else if (auto* forget = std::get_if<daemon::ForgetLauncher>(&action)) {
    const auto found = launchers_.find(forget->launcher);
    if (found == launchers_.end()) return;
    found->second.io->finish();
    found->second.forgotten = true;
    loop_.defer([this, launcher = forget->launcher] { remove_if_done(launcher); });
  }
}

void NodeDriver::carry_out(const JobId& job, job::HostAction& action) {
  if (auto* begin = std::get_if<job::StartRanks>(&action)) return start(job, *begin);
  HostIo* io = find(job);
  if (!io) return;
  if (auto* keeper = std::get_if<job::ToKeeper>(&action)) {
    io->to_keeper(keeper->message);
  } else if (std::holds_alternative<job::KillKeeper>(action)) {
    io->expect_keeper_end();
    keeper_gone(job, io->keeper_pid());
  } else if (auto* member = std::get_if<job::ToMember>(&action)) {
    io->to_member(member->rank, member->message);
  } else if (auto* close = std::get_if<job::CloseMember>(&action)) {
    io->close_member(close->rank);
  } else if (auto* streams = std::get_if<job::ToStreams>(&action)) {
    io->to_streams(*streams);
  } else if (auto* hold = std::get_if<job::HoldMembers>(&action)) {
    io->hold_members(hold->held);
  } else {
    loop_.defer([this, job] {
      parts_.erase(job);
      stop_if_idle();
    });
  }
}

void NodeDriver::start(const JobId& job, const job::StartRanks& request) {
  HostIo& io = *(parts_[job] = std::make_unique<HostIo>(loop_, *this, job));
  base::Result<KeeperProcess> keeper = early_keeper_ ? base::Result<KeeperProcess>(std::move(*early_keeper_))
                                                     : start_keeper(sibling_program("zel-keeper"));
  early_keeper_.reset();
  base::Result<void> started;
  if (keeper) {
    started = io.start(request, std::move(*keeper), ranks_open_files_);
  } else {
    started = tl::unexpected(keeper.error());
  }
  if (!started) {
    node_.on_start_failed(job, started.error().text, loop_.now());
    plan_actions();
  }
}

void NodeDriver::remove_if_done(daemon::LauncherNumber launcher) {
  const auto found = launchers_.find(launcher);
  if (found == launchers_.end() || !found->second.gone || !found->second.forgotten) return;
  launchers_.erase(found);
  stop_if_idle();
}

void NodeDriver::stop_if_idle() {
  if (idle_ && is_idle()) idle_();
}

}  // namespace zel::io
