#include "daemon/job/primary.hpp"

#include <signal.h>

namespace zel::job {

namespace {

// A host looks at its hardware and answers; one that is silent for so long is not there.
constexpr auto prepare_patience = std::chrono::seconds(10);

}  // namespace

PrimaryJob::PrimaryJob(PrimarySetup setup, base::Time now)
    : setup_(std::move(setup)),
      began_(now),
      prepared_by_(now + prepare_patience),
      hosts_(setup_.hosts.size()),
      log_(setup_.submit.ranks),
      ended_(setup_.submit.ranks),
      open_streams_(std::size_t{2} * setup_.submit.ranks) {
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    hosts_[host].first_rank = static_cast<std::uint32_t>(host_of_.size());
    host_of_.insert(host_of_.end(), setup_.hosts[host].ranks, host);
    prepare(host);
  }
  if (setup_.submit.report_paths) paths_.emplace();
}

bool PrimaryJob::owns(std::uint32_t host, std::uint32_t rank) const {
  return rank < host_of_.size() && host_of_[rank] == host && !hosts_[host].lost;
}

void PrimaryJob::prepare(std::uint32_t host) {
  const auto& submit = setup_.submit;
  const HostShare& share = setup_.hosts[host];
  wire::job::Prepare prepare;
  prepare.job = setup_.job;
  prepare.primary = setup_.self;
  prepare.lease = share.lease;
  prepare.cores = share.cores;
  prepare.size = submit.ranks;
  for (std::uint32_t i = 0; i < share.ranks; ++i) prepare.ranks.push_back(hosts_[host].first_rank + i);
  prepare.program = submit.program;
  prepare.arguments = submit.arguments;
  prepare.environment = submit.environment;
  prepare.directory = submit.directory;
  prepare.placement = submit.placement;
  prepare.stdin_to = submit.stdin_to;
  prepare.stdin_rank = submit.stdin_rank;
  prepare.report_paths = submit.report_paths && setup_.hosts.size() > 1;
  to_host(host, std::move(prepare));
}

/// The job does not run: hosts that are ready may forget it, and so may we.
void PrimaryJob::refuse(int status, const std::string& text) {
  if (!launcher_gone_) tell(wire::run::Refused{status, text});
  finish();
}

void PrimaryJob::finish() {
  if (stage_ == Stage::done) return;
  stage_ = Stage::done;
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    if (!hosts_[host].lost) to_host(host, wire::job::Over{});
  }
  actions_.push_back(Forget{});
}

std::string PrimaryJob::notice() const {
  std::string text;
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    const std::string& said = hosts_[host].prepared->notice;
    if (said.empty()) continue;
    if (!text.empty()) text += "; ";
    text += hosts_.size() > 1 ? setup_.hosts[host].name + ": " + said : said;
  }
  return text;
}

void PrimaryJob::all_prepared(base::Time now) {
  const auto& submit = setup_.submit;
  wire::run::Planned planned{setup_.job, setup_.self.name, notice(), {}, {}};
  LifecycleSetup setup{submit.ranks,
                       submit.program,
                       {},
                       host_of_,
                       submit.on_failure,
                       std::chrono::milliseconds(submit.grace_ms),
                       std::chrono::milliseconds(submit.timeout_ms)};
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    const HostShare& share = setup_.hosts[host];
    auto& ready = *hosts_[host].prepared;
    setup.hosts.push_back(share.name);
    planned.hosts.push_back({share.name, share.id.is_nobody() ? "" : share.id.text(), share.distance_ms, ready.cores,
                             ready.hwthreads, ready.threads_per_rank});
    for (auto& rank : ready.ranks) {
      rank.host = host;
      planned.ranks.push_back(std::move(rank));
    }
  }
  tell(std::move(planned));
  if (submit.dry_run) {
    tell(wire::run::Ended{0, ""});
    return finish();
  }
  stage_ = Stage::running;
  lifecycle_.emplace(std::move(setup), now);
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    const auto first = hosts_[host].first_rank;
    const bool has_reader = submit.stdin_to == wire::run::StdinTo::all_ranks ||
                            (submit.stdin_to == wire::run::StdinTo::one_rank && submit.stdin_rank >= first &&
                             submit.stdin_rank < first + setup_.hosts[host].ranks);
    if (has_reader) stdin_.add_reader(host);
    to_host(host, wire::job::Start{});
  }
  if (stdin_.closed()) {
    stdin_closed_ = true;
    tell(wire::run::StdinClosed{});
  }
}

base::Result<void> PrimaryJob::on_launcher(const wire::run::ToNode& message, base::Time now) {
  if (const auto* credit = std::get_if<wire::run::OutputCredit>(&message)) {
    if (credit->rank >= host_of_.size()) return base::fail(base::Errc::bad_message, "credit for no rank");
    if (!hosts_[host_of_[credit->rank]].lost) to_host(host_of_[credit->rank], *credit);
  } else if (std::holds_alternative<wire::run::StdinData>(message) ||
             std::holds_alternative<wire::run::StdinEnd>(message)) {
    if (const auto* data = std::get_if<wire::run::StdinData>(&message)) stdin_.on_sent(data->bytes.size());
    stdin_.each_reader([&](std::uint32_t host) {
      if (const auto* data = std::get_if<wire::run::StdinData>(&message)) {
        to_host(host, *data);
      } else {
        to_host(host, wire::run::StdinEnd{});
      }
    });
  } else if (const auto* signal = std::get_if<wire::run::Signal>(&message)) {
    if (signal->number < 1 || signal->number > 64) return base::fail(base::Errc::bad_message, "no such signal");
    if (lifecycle_) {
      lifecycle_->on_signal(signal->number, now);
    } else if (stage_ == Stage::preparing) {
      refuse(status_signal_base + signal->number, "ended by a signal before it began");
    }
  } else if (std::holds_alternative<wire::run::Kill>(message)) {
    on_kill({}, now);
  } else {
    return base::fail(base::Errc::bad_message, "a second job on one connection");
  }
  carry_out();
  return {};
}

void PrimaryJob::on_kill(const std::string& cause, base::Time now) {
  if (lifecycle_) {
    lifecycle_->on_kill(now, cause);
  } else if (stage_ == Stage::preparing) {
    refuse(status_signal_base + 9, cause.empty() ? "killed before it began" : cause);
  }
  carry_out();
}

void PrimaryJob::on_stop(const std::string& why, base::Time now) {
  if (!lifecycle_) return refuse(status_launcher_failed, why);
  if (!launcher_gone_) tell(wire::run::Notice{why});
  lifecycle_->on_signal(SIGTERM, now);
  carry_out();
}

void PrimaryJob::on_launcher_gone(base::Time now) {
  launcher_gone_ = true;
  if (lifecycle_) {
    lifecycle_->on_launcher_lost(now);
  } else {
    finish();
  }
  carry_out();
}

void PrimaryJob::on_timer(base::Time now) {
  if (stage_ == Stage::preparing && now >= prepared_by_) {
    for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
      if (hosts_[host].prepared) continue;
      return refuse(status_launcher_failed, setup_.hosts[host].name +
                                                " does not answer; look at its zeld there, or leave it out with --exclude");
    }
  }
  if (lifecycle_) lifecycle_->on_timer(now);
  carry_out();
}

base::Time PrimaryJob::next_deadline() const {
  if (stage_ == Stage::preparing) return prepared_by_;
  return lifecycle_ ? lifecycle_->next_deadline() : base::never;
}

std::string PrimaryJob::phase() const {
  if (stage_ == Stage::preparing) return "preparing";
  if (stage_ == Stage::done || !lifecycle_) return "ended";
  switch (lifecycle_->phase()) {
    case Phase::starting: return "starting";
    case Phase::running: return "running";
    case Phase::ending: return "ending";
    case Phase::sweeping: return "sweeping";
    case Phase::draining: return "draining";
    case Phase::ended: break;
  }
  return "ended";
}

void PrimaryJob::carry_out() {
  if (!lifecycle_) return;
  bool again = false;
  for (auto& action : lifecycle_->take_actions()) {
    if (auto* signal = std::get_if<SignalRank>(&action)) {
      to_host(host_of_[signal->rank], wire::keeper::Signal{signal->rank, signal->number});
    } else if (auto* sweep = std::get_if<SweepHost>(&action)) {
      to_host(sweep->host, wire::keeper::Sweep{});
    } else if (auto* gone = std::get_if<GiveUpHost>(&action)) {
      close_stdin_of(gone->host);
      end_streams_of(gone->host);
      again = true;  // the job may be over by that
    } else if (auto* said = std::get_if<TellLauncher>(&action)) {
      if (paths_ && std::holds_alternative<wire::run::Ended>(said->message)) tell(paths_->rows());
      actions_.push_back(std::move(*said));
    } else {
      finish();
    }
  }
  if (again) carry_out();
}

}  // namespace zel::job
