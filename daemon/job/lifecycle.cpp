#include "daemon/job/lifecycle.hpp"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace zel::job {

struct Lifecycle::Transition {
  Phase from;
  Event event;
  Phase to;
};

const Lifecycle::Transition Lifecycle::table[] = {
    {Phase::starting, Event::all_started, Phase::running},
    {Phase::starting, Event::cancel, Phase::ending},
    {Phase::running, Event::cancel, Phase::ending},
    {Phase::starting, Event::all_ended, Phase::sweeping},
    {Phase::running, Event::all_ended, Phase::sweeping},
    {Phase::ending, Event::all_ended, Phase::sweeping},
    {Phase::starting, Event::kill, Phase::sweeping},
    {Phase::running, Event::kill, Phase::sweeping},
    {Phase::ending, Event::kill, Phase::sweeping},
    {Phase::sweeping, Event::swept, Phase::draining},
    {Phase::draining, Event::drained, Phase::ended},
};

namespace {

// A host sweeps for at most 5 s and kills a keeper that has not after 8; nobody waits much longer for a host.
constexpr auto sweep_patience = std::chrono::seconds(20);

}  // namespace

Lifecycle::Lifecycle(LifecycleSetup setup, base::Time now)
    : setup_(std::move(setup)), now_(now), ranks_(setup_.ranks), host_over_(setup_.hosts.size()) {
  if (setup_.timeout > base::Duration::zero()) timeout_at_ = now + setup_.timeout;
}

/// Takes the table's step; an event that means nothing in this phase changes nothing.
void Lifecycle::step(Event event) {
  for (const Transition& line : table) {
    if (line.from == phase_ && line.event == event) return enter(line.to);
  }
}

void Lifecycle::enter(Phase phase) {
  phase_ = phase;
  switch (phase) {
    case Phase::starting:
    case Phase::running: return;
    case Phase::ending:
      timeout_at_ = base::never;
      return tell_to_end();
    case Phase::sweeping:
      for (Rank& rank : ranks_) rank.told_to_end = true;
      grace_over_at_ = timeout_at_ = base::never;
      swept_by_ = now_ + sweep_patience;
      for (std::uint32_t host = 0; host < host_over_.size(); ++host) {
        if (!host_over_[host]) actions_.push_back(SweepHost{host});
      }
      if (hosts_over_ == host_over_.size()) step(Event::swept);
      return;
    case Phase::draining:
      swept_by_ = base::never;
      if (launcher_gone_ || output_drained_) step(Event::drained);
      return;
    case Phase::ended:
      if (!launcher_gone_) tell(wire::run::Ended{exit_status_, cause_});
      actions_.push_back(Forget{});
      return;
  }
}

void Lifecycle::tell_to_end() {
  for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
    if (ranks_[rank].ended) continue;
    ranks_[rank].told_to_end = true;
    if (ranks_[rank].started) actions_.push_back(SignalRank{rank, SIGTERM});
  }
}

std::string Lifecycle::name_of(std::uint32_t rank) const {
  const std::string pid = ranks_[rank].pid != 0 ? "pid " + std::to_string(ranks_[rank].pid) + " " : "";
  return "rank " + std::to_string(rank) + " (" + pid + "on " + setup_.hosts[setup_.host_of[rank]] + ")";
}

void Lifecycle::on_spawned(const wire::keeper::Spawned& spawned) {
  if (spawned.rank >= ranks_.size() || ranks_[spawned.rank].started) return;
  Rank& rank = ranks_[spawned.rank];
  rank.started = true;
  rank.pid = spawned.pid;
  tell(wire::run::Started{spawned.rank, spawned.pid});
  // It was started while the job was already being ended, or signalled.
  if (phase_ == Phase::ending) actions_.push_back(SignalRank{spawned.rank, SIGTERM});
  for (const int number : early_signals_) actions_.push_back(SignalRank{spawned.rank, number});
  if (++started_ == ranks_.size()) step(Event::all_started);
}

void Lifecycle::on_spawn_failed(const wire::keeper::SpawnFailed& failed, base::Time now) {
  if (failed.rank >= ranks_.size() || ranks_[failed.rank].started) return;
  ranks_[failed.rank].started = true;
  const int status = failed.step != "execute" || failed.error_number == EAGAIN || failed.error_number == ENOMEM
                         ? status_launcher_failed
                     : failed.error_number == ENOENT ? status_not_found
                                                      : status_not_executable;
  std::string cause = name_of(failed.rank) + " could not be started: cannot " + failed.step + " " + setup_.program +
                      ": " + std::strerror(failed.error_number);
  if (failed.error_number == EAGAIN || failed.error_number == ENOMEM) {
    cause += " (too many processes or too little memory: start fewer ranks, or raise ulimit -u)";
  }
  fail_rank(failed.rank, status, cause, now);
  if (++started_ == ranks_.size()) step(Event::all_started);
  rank_over(failed.rank);
}

void Lifecycle::on_exited(const wire::keeper::Exited& exited, base::Time now) {
  now_ = now;
  if (exited.rank >= ranks_.size() || ranks_[exited.rank].ended) return;
  const Rank& rank = ranks_[exited.rank];
  // A rank that had ended before our signal reached it ended by itself, and its status counts.
  const bool told = rank.told_to_end && exited.told_to_end;
  wire::run::Exited report{exited.rank,      rank.pid,         exited.code,        exited.signal, told,
                           exited.user_us,   exited.system_us, exited.max_rss_kib, exited.ran_us};
  const bool by_user = exited.signal != 0 && exited.signal == user_signal_;
  if (!told && exited.signal != 0) {
    const int status = status_signal_base + exited.signal;
    const std::string cause = name_of(exited.rank) + " was ended by signal " + std::to_string(exited.signal) + " (" +
                              ::strsignal(exited.signal) + ")";
    if (by_user) {
      exit_status_ = std::max(exit_status_, status);  // asked for: no failure, nothing to explain
    } else {
      fail_rank(exited.rank, status, cause, now);
    }
  } else if (!told && exited.code != 0) {
    fail_rank(exited.rank, exited.code, name_of(exited.rank) + " exited with status " + std::to_string(exited.code),
              now);
  }
  tell(report);
  rank_over(exited.rank);
}

/// A rank failed by itself: its status counts, and the policy decides about the others.
void Lifecycle::fail_rank(std::uint32_t rank, int status, const std::string& cause, base::Time now) {
  ranks_[rank].ended = true;  // not to be signalled any more
  if (setup_.on_failure == wire::run::OnFailure::cancel) {
    begin_cancel(status, cause, now);
  } else {
    exit_status_ = std::max(exit_status_, status);
    if (cause_.empty()) cause_ = cause;
  }
}

void Lifecycle::begin_cancel(int status_at_least, const std::string& cause, base::Time now) {
  exit_status_ = std::max(exit_status_, status_at_least);
  if (cause_.empty()) cause_ = cause;
  if (phase_ == Phase::starting || phase_ == Phase::running) {
    grace_over_at_ = now + setup_.grace;
    step(Event::cancel);
  }
}

void Lifecycle::rank_over(std::uint32_t rank) {
  ranks_[rank].ended = true;
  if (++over_ == ranks_.size()) step(Event::all_ended);
}

void Lifecycle::on_swept(std::uint32_t host, const wire::keeper::Swept& swept, base::Time now) {
  if (host >= host_over_.size() || host_over_[host]) return;
  now_ = now;
  if (swept.survivors > 0) {
    const std::string left = std::to_string(swept.survivors) + " processes on " + setup_.hosts[host] +
                             " could not be killed (stuck in the kernel?); look for them with ps";
    if (cause_.empty()) {
      cause_ = left;
    } else {
      tell(wire::run::Notice{left});
    }
    exit_status_ = std::max(exit_status_, status_launcher_failed);
  }
  // A host that sweeps unasked forgets the ranks it had not started.
  host_over(host, status_launcher_failed, setup_.hosts[host] + " ended its part of the job", now);
}

void Lifecycle::on_host_lost(std::uint32_t host, int status, const std::string& cause, bool output_missing,
                             base::Time now) {
  if (host >= host_over_.size()) return;
  now_ = now;
  // A job that ends well must not have lost some of its output in silence.
  const bool silent = output_missing && !launcher_gone_;
  host_over(host, status, cause, now);
  if (silent && exit_status_ == 0 && phase_ != Phase::ended) {
    exit_status_ = status_launcher_failed;
    cause_ = cause;
  }
}

void Lifecycle::lose_ranks(std::uint32_t host, int status, const std::string& cause, base::Time now) {
  std::vector<std::uint32_t> lost;
  for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
    if (setup_.host_of[rank] == host && !ranks_[rank].ended) lost.push_back(rank);
  }
  if (lost.empty()) return;
  for (const std::uint32_t rank : lost) ranks_[rank].ended = true;  // none of them is there to be signalled
  fail_rank(lost.front(), status, cause, now);
  for (const std::uint32_t rank : lost) {
    if (ranks_[rank].pid != 0) {
      wire::run::Exited report;
      report.rank = rank;
      report.pid = ranks_[rank].pid;
      report.signal = SIGKILL;
      tell(report);
    }
    if (!ranks_[rank].started) ++started_;
    ranks_[rank].started = true;
    ++over_;
  }
  if (started_ == ranks_.size()) step(Event::all_started);
  if (over_ == ranks_.size()) step(Event::all_ended);
}

/// Nothing of the job is left there.
void Lifecycle::host_over(std::uint32_t host, int status, const std::string& cause, base::Time now) {
  if (host_over_[host]) return;
  host_over_[host] = true;
  ++hosts_over_;
  if (phase_ < Phase::sweeping) lose_ranks(host, status, cause, now);
  if (hosts_over_ == host_over_.size() && phase_ == Phase::sweeping) step(Event::swept);
}

void Lifecycle::on_output_drained() {
  output_drained_ = true;  // it may be out long before the ranks end
  step(Event::drained);
}

void Lifecycle::on_signal(int number, base::Time now) {
  if (number == SIGINT || number == SIGTERM) user_signal_ = number;
  for (std::uint32_t rank = 0; rank < ranks_.size(); ++rank) {
    if (ranks_[rank].started && !ranks_[rank].ended) actions_.push_back(SignalRank{rank, number});
  }
  const bool known = std::find(early_signals_.begin(), early_signals_.end(), number) != early_signals_.end();
  if (phase_ == Phase::starting && !known) early_signals_.push_back(number);
  // SIGTERM means "end": a rank that does not is given the grace period, then killed.
  if (number == SIGTERM && phase_ < Phase::ending) grace_over_at_ = std::min(grace_over_at_, now + setup_.grace);
}

void Lifecycle::on_kill(base::Time now, const std::string& cause) {
  now_ = now;
  if (phase_ >= Phase::sweeping) return;
  if (cause_.empty()) cause_ = cause;
  exit_status_ = std::max(exit_status_, status_signal_base + (user_signal_ != 0 ? user_signal_ : SIGKILL));
  step(Event::kill);
}

void Lifecycle::on_launcher_lost(base::Time now) {
  now_ = now;
  launcher_gone_ = true;
  step(Event::kill);
  step(Event::drained);
}

void Lifecycle::on_timer(base::Time now) {
  now_ = now;
  if (now >= timeout_at_) {
    char text[80];
    std::snprintf(text, sizeof text, "the job did not end within its timeout of %g s", base::seconds(setup_.timeout));
    begin_cancel(status_timeout, text, now);
    exit_status_ = status_timeout;
  }
  if (now >= swept_by_) {
    swept_by_ = base::never;
    for (std::uint32_t host = 0; host < host_over_.size(); ++host) {
      if (host_over_[host]) continue;
      actions_.push_back(GiveUpHost{host});
      on_host_lost(host, 0, setup_.hosts[host] + " does not say that its ranks are gone", true, now);
    }
  }
  if (now >= grace_over_at_) {
    grace_over_at_ = base::never;
    if (user_signal_ == SIGTERM && phase_ < Phase::ending) {
      exit_status_ = std::max(exit_status_, status_signal_base + SIGTERM);
    }
    step(Event::kill);
  }
}

base::Time Lifecycle::next_deadline() const { return std::min({timeout_at_, grace_over_at_, swept_by_}); }

std::vector<Action> Lifecycle::take_actions() { return std::exchange(actions_, {}); }

}  // namespace zel::job
