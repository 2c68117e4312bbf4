// What hosts say to the primary of a job, and what their loss means.
#include <signal.h>

#include "daemon/job/primary.hpp"

namespace zel::job {

namespace {

/// What went wrong on a host must not end as success, nor with a status that no process has.
int failing(std::int32_t status) { return status > 0 && status < 256 ? status : status_launcher_failed; }

std::uint8_t bit_of(wire::run::Stream stream) { return stream == wire::run::Stream::out ? 1 : 2; }

}  // namespace

/// One function for each message. What is about a rank of another host, or out of turn, changes nothing.
struct PrimaryJob::Hears {
  PrimaryJob& job;
  std::uint32_t host;
  base::Time now;

  bool running() const { return job.lifecycle_.has_value(); }
  std::string ended_its_part() const { return job.setup_.hosts[host].name + " ended its part of the job"; }
  bool concerns(std::uint32_t rank) const { return running() && job.owns(host, rank); }

  void operator()(const wire::job::Prepared& prepared) const {
    auto& ready = job.hosts_[host].prepared;
    if (job.stage_ != Stage::preparing || ready || prepared.ranks.size() != job.setup_.hosts[host].ranks) return;
    ready = prepared;
    if (++job.prepared_ == job.hosts_.size()) job.all_prepared(now);
  }
  void operator()(const wire::job::PrepareFailed& failed) const {
    if (job.stage_ != Stage::preparing) return;
    const bool several = job.hosts_.size() > 1;
    job.refuse(failing(failed.status), several ? job.setup_.hosts[host].name + ": " + failed.text : failed.text);
  }
  void operator()(const wire::keeper::Spawned& spawned) const {
    if (concerns(spawned.rank)) job.lifecycle_->on_spawned(spawned);
  }
  void operator()(const wire::keeper::SpawnFailed& failed) const {
    if (!concerns(failed.rank)) return;
    job.log_.ended(failed.rank, "could not be started");
    job.lifecycle_->on_spawn_failed(failed, now);
  }
  void operator()(const wire::keeper::Exited& exited) const {
    if (!concerns(exited.rank)) return;
    job.log_.ended(exited.rank, exited.signal != 0
                                    ? "ended by signal " + std::to_string(exited.signal)
                                    : "exited with status " + std::to_string(exited.code) + " without leaving");
    job.lifecycle_->on_exited(exited, now);
  }
  void operator()(const wire::keeper::Swept& swept) const {
    if (job.stage_ == Stage::preparing) return job.refuse(status_launcher_failed, ended_its_part());
    if (!running()) return;
    job.close_stdin_of(host);
    job.member_left(host, ended_its_part());
    job.lifecycle_->on_swept(host, swept, now);
  }
  void operator()(const wire::job::KeeperLost& lost) const {
    if (!running()) return;
    job.close_stdin_of(host);
    job.member_left(host, lost.cause);
    job.lifecycle_->on_host_lost(host, failing(lost.status), lost.cause, false, now);
  }
  void operator()(wire::run::Output& output) const {
    const bool open = concerns(output.rank) && (job.ended_[output.rank] & bit_of(output.stream)) == 0;
    if (open && !job.launcher_gone_) job.tell(std::move(output));
  }
  void operator()(const wire::run::OutputEnd& end) const {
    if (concerns(end.rank)) job.end_stream(end.rank, end.stream);
  }
  void operator()(const wire::run::StdinCredit& credit) const {
    const auto more = job.stdin_.on_taken(host, credit.bytes);
    if (more > 0) job.tell(wire::run::StdinCredit{static_cast<std::uint32_t>(more)});
  }
  void operator()(const wire::run::StdinClosed&) const { job.close_stdin_of(host); }
  void operator()(const wire::job::MemberSaid& said) const {
    if (concerns(said.rank)) job.member_said(said.rank, said.request);
  }
  void operator()(const wire::job::MemberLost& lost) const {
    if (concerns(lost.rank)) job.log_.lost(lost.rank, "closed its connection to the node without leaving");
  }
};

void PrimaryJob::on_host(std::uint32_t host, wire::job::ToPrimary message, base::Time now) {
  if (host >= hosts_.size() || hosts_[host].lost || stage_ == Stage::done) return;
  std::visit(Hears{*this, host, now}, message);
  carry_out();
}

void PrimaryJob::on_host_lost(std::uint32_t host, const std::string& why, base::Time now) {
  if (host >= hosts_.size() || hosts_[host].lost || stage_ == Stage::done) return;
  const HostShare& share = setup_.hosts[host];
  const std::string cause = "node " + share.name + " (" + share.id.short_text() + ") was lost: " + why;
  hosts_[host].lost = true;
  if (!lifecycle_) {
    refuse(status_launcher_failed, cause);
    return;
  }
  close_stdin_of(host);
  member_left(host, cause);
  lifecycle_->on_host_lost(host, status_signal_base + SIGKILL, cause, streams_open_on(host), now);
  end_streams_of(host);
  carry_out();
}

void PrimaryJob::end_stream(std::uint32_t rank, wire::run::Stream stream) {
  if ((ended_[rank] & bit_of(stream)) != 0) return;
  ended_[rank] = static_cast<std::uint8_t>(ended_[rank] | bit_of(stream));
  if (!launcher_gone_) tell(wire::run::OutputEnd{rank, stream});
  if (--open_streams_ == 0) lifecycle_->on_output_drained();
}

void PrimaryJob::end_streams_of(std::uint32_t host) {
  for (std::uint32_t rank = 0; rank < host_of_.size(); ++rank) {
    if (host_of_[rank] != host) continue;
    end_stream(rank, wire::run::Stream::out);
    end_stream(rank, wire::run::Stream::err);
  }
}

bool PrimaryJob::streams_open_on(std::uint32_t host) const {
  for (std::uint32_t rank = 0; rank < host_of_.size(); ++rank) {
    if (host_of_[rank] == host && ended_[rank] != 3) return true;
  }
  return false;
}

void PrimaryJob::close_stdin_of(std::uint32_t host) {
  const auto more = stdin_.on_closed(host);
  if (more > 0 && !launcher_gone_) tell(wire::run::StdinCredit{static_cast<std::uint32_t>(more)});
  if (!stdin_.closed() || stdin_closed_) return;
  stdin_closed_ = true;
  if (!launcher_gone_) tell(wire::run::StdinClosed{});
}

/// All members on this host are gone; those that had left or ended before are not touched.
void PrimaryJob::member_left(std::uint32_t host, const std::string& cause) {
  for (std::uint32_t rank = 0; rank < host_of_.size(); ++rank) {
    if (host_of_[rank] == host) log_.ended(rank, cause);
  }
}

void PrimaryJob::member_said(std::uint32_t rank, const wire::member::ToNode& request) {
  using namespace wire::member;
  const std::uint32_t host = host_of_[rank];
  if (const auto* post = std::get_if<Post>(&request)) {
    // To a rank on another host; what is for one that is gone is dropped, the sender learns it from the log.
    if (post->peer >= host_of_.size() || host_of_[post->peer] == host || hosts_[host_of_[post->peer]].lost) return;
    Post passed = *post;
    passed.peer = rank;
    return to_host(host_of_[post->peer], wire::job::TellMember{post->peer, std::move(passed)});
  }
  if (const auto* credit = std::get_if<PostCredit>(&request)) {
    if (credit->peer >= host_of_.size() || host_of_[credit->peer] == host || hosts_[host_of_[credit->peer]].lost) return;
    return to_host(host_of_[credit->peer], wire::job::TellMember{credit->peer, PostCredit{rank, credit->bytes}});
  }
  base::Result<void> granted;
  if (const auto* hello = std::get_if<Hello>(&request)) {
    if (hello->protocol != version) {
      granted = base::fail(base::Errc::wrong_version,
                           "this program's libzel is of another version than zrun; build it with the same one");
    } else {
      granted = log_.join(rank);
    }
    if (granted) to_host(host, wire::job::Admit{rank});
  } else if (const auto* elect = std::get_if<Elect>(&request)) {
    granted = log_.elect(rank, elect->name);
  } else if (const auto* signal = std::get_if<SignalMembers>(&request)) {
    granted = log_.signal(rank, signal->text, signal->to);
  } else if (std::holds_alternative<Terminate>(request)) {
    granted = log_.terminate(rank);
  } else {
    granted = log_.leave(rank);
    if (granted) to_host(host, wire::job::Dismiss{rank});
  }
  if (!granted) to_host(host, wire::job::TellMember{rank, Refused{granted.error().text}});
}

void PrimaryJob::publish() {
  if (published_ == log_.last() || stage_ == Stage::done) return;
  for (std::uint32_t host = 0; host < hosts_.size(); ++host) {
    if (!hosts_[host].lost) to_host(host, wire::member::Events{log_.since(published_)});
  }
  published_ = log_.last();
}

}  // namespace zel::job
