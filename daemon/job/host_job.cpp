#include "daemon/job/host_job.hpp"

#include <signal.h>

#include <algorithm>

#include "daemon/job/lifecycle.hpp"
#include "daemon/job/rank_environment.hpp"

namespace zel::job {

namespace {

// How long a member whose connection closed is given to show the exit that explains it.
constexpr auto loss_patience = std::chrono::milliseconds(200);
// The keeper sweeps for at most 5 s; a keeper that is stopped or stuck is not waited for much longer.
constexpr auto sweep_patience = std::chrono::seconds(8);

}  // namespace

HostJob::HostJob(HostSetup setup, wire::job::Prepare prepare) : setup_(std::move(setup)), prepare_(std::move(prepare)) {
  for (const auto rank : prepare_.ranks) ranks_[rank];
  const auto& plan = setup_.placement;
  say(wire::job::Prepared{plan.ranks, setup_.cores, plan.hwthreads, plan.threads_per_rank, plan.notice});
}

HostJob::HostJob(HostSetup setup, wire::job::Prepare prepare, wire::job::PrepareFailed failed)
    : setup_(std::move(setup)), prepare_(std::move(prepare)), stage_(Stage::swept) {
  say(std::move(failed));
}

HostJob::Rank* HostJob::find(std::uint32_t rank) {
  const auto found = ranks_.find(rank);
  return found == ranks_.end() ? nullptr : &found->second;
}

void HostJob::say(wire::job::ToPrimary message) {
  if (wanted_) messages_.push_back(std::move(message));
}

void HostJob::start() {
  stage_ = Stage::running;
  const auto local_size = static_cast<std::uint32_t>(prepare_.ranks.size());
  const RankEnvironment environment(prepare_.environment, setup_.host, prepare_.job, prepare_.size, local_size,
                                    setup_.placement.threads_per_rank);
  StartRanks start{prepare_.size,
                   {prepare_.program, prepare_.arguments, environment.common(), prepare_.directory, 0},
                   {},
                   prepare_.stdin_to,
                   prepare_.stdin_rank};
  for (std::uint32_t local = 0; local < local_size; ++local) {
    const std::uint32_t rank = prepare_.ranks[local];
    start.ranks.push_back({rank, environment.of(rank, local),
                           setup_.bind ? setup_.placement.ranks[local].cpus : std::vector<std::uint32_t>()});
  }
  actions_.push_back(std::move(start));
}

void HostJob::sweep(base::Time now) {
  if (stage_ == Stage::prepared) {
    say(wire::keeper::Swept{0});
    stage_ = Stage::swept;
  }
  if (stage_ != Stage::running) return;
  stage_ = Stage::sweeping;
  swept_by_ = now + sweep_patience;
  actions_.push_back(ToKeeper{wire::keeper::Sweep{}});
}

void HostJob::swept() {
  swept_by_ = base::never;
  if (stage_ == Stage::gone) return;
  stage_ = Stage::swept;
  if (wanted_) return;  // its output may still be on the way; the primary says when it is over
  stage_ = Stage::gone;
  actions_.push_back(ForgetRanks{});
}

/// Whatever still runs is not wanted any more.
void HostJob::primary_done(base::Time now) {
  if (!wanted_) return;
  wanted_ = false;
  messages_.clear();
  sweep(now);
  if (stage_ == Stage::swept) swept();
}

void HostJob::on_primary_lost(base::Time now) { primary_done(now); }

void HostJob::on_stop(base::Time now) { sweep(now); }

void HostJob::on_primary(const wire::job::ToHost& message, base::Time now) {
  if (!wanted_) return;
  if (std::holds_alternative<wire::job::Start>(message)) {
    if (stage_ == Stage::prepared) start();
  } else if (const auto* signal = std::get_if<wire::keeper::Signal>(&message)) {
    if (stage_ == Stage::running && find(signal->rank)) actions_.push_back(ToKeeper{*signal});
  } else if (std::holds_alternative<wire::keeper::Sweep>(message)) {
    sweep(now);
  } else if (const auto* data = std::get_if<wire::run::StdinData>(&message)) {
    actions_.push_back(ToStreams{*data});
  } else if (std::holds_alternative<wire::run::StdinEnd>(message)) {
    actions_.push_back(ToStreams{wire::run::StdinEnd{}});
  } else if (const auto* credit = std::get_if<wire::run::OutputCredit>(&message)) {
    if (find(credit->rank)) actions_.push_back(ToStreams{*credit});
  } else if (const auto* admitted = std::get_if<wire::job::Admit>(&message)) {
    admit(admitted->rank);
  } else if (const auto* dismissed = std::get_if<wire::job::Dismiss>(&message)) {
    if (Rank* rank = find(dismissed->rank)) {
      rank->connected = false;
      actions_.push_back(CloseMember{dismissed->rank});
    }
  } else if (const auto* told = std::get_if<wire::job::TellMember>(&message)) {
    tell_member(told->rank, told->message);
  } else if (const auto* news = std::get_if<wire::member::Events>(&message)) {
    for (const auto& event : news->events) {
      if (event.sequence == log_.size() + 1) log_.push_back(event);
    }
  } else if (std::holds_alternative<wire::job::Over>(message)) {
    primary_done(now);
  }
}

void HostJob::on_start_failed(const std::string& text) {
  if (stage_ == Stage::gone) return;
  say(wire::job::KeeperLost{status_launcher_failed, text});
  for (const auto& entry : ranks_) {
    on_output_end(entry.first, wire::run::Stream::out);
    on_output_end(entry.first, wire::run::Stream::err);
  }
  swept();
}

void HostJob::on_keeper(const wire::keeper::ToNode& message) {
  if (const auto* exited = std::get_if<wire::keeper::Exited>(&message)) {
    if (Rank* rank = find(exited->rank)) {
      rank->ended = true;
      rank->lost_at = base::never;
      rank->early.clear();
    }
  }
  std::visit([this](const auto& said) { say(said); }, message);
  if (std::holds_alternative<wire::keeper::Swept>(message)) swept();
}

void HostJob::on_keeper_gone() {
  if (stage_ == Stage::sweeping) {
    say(wire::keeper::Swept{0});
  } else {
    say(wire::job::KeeperLost{status_signal_base + SIGKILL,
                              "the keeper of the job on " + setup_.host + " was killed, and its ranks with it"});
  }
  swept();
}

void HostJob::on_member_gone(std::uint32_t rank, base::Time now) {
  Rank* member = find(rank);
  if (!member) return;
  if (member->connected && !member->ended) member->lost_at = now + loss_patience;
  member->connected = false;
}

void HostJob::on_timer(base::Time now) {
  for (auto& [rank, member] : ranks_) {
    if (member.lost_at > now) continue;
    member.lost_at = base::never;
    say(wire::job::MemberLost{rank});
  }
  if (now >= swept_by_) {
    swept_by_ = base::never;
    actions_.push_back(KillKeeper{});
  }
}

base::Time HostJob::next_deadline() const {
  base::Time next = swept_by_;
  for (const auto& entry : ranks_) next = std::min(next, entry.second.lost_at);
  return next;
}

std::string HostJob::phase() const {
  switch (stage_) {
    case Stage::prepared: return "prepared";
    case Stage::running: return "running";
    case Stage::sweeping: return "sweeping";
    case Stage::swept: return "draining";
    case Stage::gone: break;
  }
  return "ended";
}

}  // namespace zel::job
