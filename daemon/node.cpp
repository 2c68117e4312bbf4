#include "daemon/node.hpp"

#include <algorithm>

namespace zel::daemon {

Node::Node(NodeSetup setup, base::Time now)
    : setup_(std::move(setup)), began_(now), cores_(setup_.topology) {
  if (setup_.peer) peer_ = std::make_unique<Peer>(*setup_.peer, base::Random(setup_.seed), now);
}

Node::~Node() = default;

void Node::refuse(LauncherNumber launcher, int status, std::string text) {
  actions_.push_back(ToLauncher{launcher, wire::run::Refused{status, std::move(text)}});
  actions_.push_back(ForgetLauncher{launcher});
}

/// A private node has nobody who reads its log. What others call themselves and their jobs is kept to one line.
void Node::remark(std::string text) {
  if (!peer_) return;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 127) c = '?';
  }
  actions_.push_back(Remark{std::move(text)});
}

base::Result<void> Node::submit(LauncherNumber launcher, const wire::run::Submit& submit, base::Time now) {
  if (primaries_.contains(launcher) || searches_.contains(launcher)) {
    return base::fail(base::Errc::bad_message, "a second job on one connection");
  }
  if (submit.protocol != wire::run::version) {
    refuse(launcher, job::status_launcher_failed,
           "zrun and its node are of different versions; start both from one installation");
    return {};
  }
  if (submit.ranks < 1 || submit.ranks > wire::run::max_ranks || submit.arguments.empty() || submit.program.empty() ||
      submit.program.front() != '/' || submit.stdin_rank >= submit.ranks ||
      !wire::schedule::valid(submit.requirements)) {
    return base::fail(base::Errc::bad_message, "a submission that no zrun makes");
  }
  if (stopping_) {
    refuse(launcher, job::status_launcher_failed, "the node on " + setup_.host + " is stopping");
  } else if (peer_) {
    seek(launcher, submit, now);
  } else {
    begin_job(launcher, submit, {{{}, setup_.host, 0, 0, 0, submit.ranks}}, now);
  }
  return {};
}

base::Result<void> Node::on_launcher(LauncherNumber launcher, const wire::run::ToNode& message, base::Time now) {
  base::Result<void> good;
  if (const auto* request = std::get_if<wire::run::Submit>(&message)) {
    good = submit(launcher, *request, now);
  } else if (const auto job = primaries_.find(launcher); job != primaries_.end()) {
    good = job->second.on_launcher(message, now);
    collect(launcher);
  } else if (searches_.contains(launcher)) {
    const auto* signal = std::get_if<wire::run::Signal>(&message);
    if (signal || std::holds_alternative<wire::run::Kill>(message)) {
      peer_->scheduler().cancel(launcher, now);
      searches_.erase(launcher);
      refuse(launcher, job::status_signal_base + (signal ? signal->number : 9), "ended before it began");
    }
  }  // else the job ended while this was on its way
  settle(now);
  return good;
}

void Node::on_launcher_gone(LauncherNumber launcher, base::Time now) {
  if (const auto job = primaries_.find(launcher); job != primaries_.end()) {
    job->second.on_launcher_gone(now);
    collect(launcher);
  } else if (searches_.erase(launcher) > 0) {
    peer_->scheduler().cancel(launcher, now);
    actions_.push_back(ForgetLauncher{launcher});
  }
  settle(now);
}

template <class Event>
void Node::at_host(const JobId& job, base::Time now, Event event) {
  const auto hosted = hosted_.find(job);
  if (hosted == hosted_.end()) return;
  event(hosted->second.part);
  collect(job);
  settle(now);
}

void Node::on_start_failed(const JobId& job, const std::string& text, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_start_failed(text); });
}

void Node::on_keeper(const JobId& job, const wire::keeper::ToNode& message, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_keeper(message); });
}

void Node::on_keeper_gone(const JobId& job, base::Time now) {
  at_host(job, now, [](job::HostJob& part) { part.on_keeper_gone(); });
}

void Node::on_output(const JobId& job, wire::run::Output output, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_output(std::move(output)); });
}

void Node::on_output_end(const JobId& job, std::uint32_t rank, wire::run::Stream stream, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_output_end(rank, stream); });
}

void Node::on_stdin_taken(const JobId& job, std::uint32_t bytes, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_stdin_taken(bytes); });
}

void Node::on_stdin_closed(const JobId& job, base::Time now) {
  at_host(job, now, [](job::HostJob& part) { part.on_stdin_closed(); });
}

base::Result<void> Node::on_member(const JobId& job, std::uint32_t rank, const wire::member::ToNode& message,
                                   base::Time now) {
  base::Result<void> good;
  at_host(job, now, [&](job::HostJob& part) { good = part.on_member(rank, message); });
  return good;
}

void Node::on_member_gone(const JobId& job, std::uint32_t rank, base::Time now) {
  at_host(job, now, [&](job::HostJob& part) { part.on_member_gone(rank, now); });
}

void Node::on_timer(base::Time now) {
  std::vector<LauncherNumber> launchers;
  for (auto& [launcher, job] : primaries_) {
    if (job.next_deadline() <= now) launchers.push_back(launcher);
  }
  for (const auto launcher : launchers) {
    primaries_.at(launcher).on_timer(now);
    collect(launcher);
  }
  std::vector<JobId> parts;
  for (auto& [id, hosted] : hosted_) {
    if (hosted.part.next_deadline() <= now) parts.push_back(id);
  }
  for (const auto& id : parts) {
    hosted_.at(id).part.on_timer(now);
    collect(id);
  }
  settle(now);
  for (auto& entry : streams_) {
    if (entry.second.stream.next_deadline() <= now) entry.second.stream.on_timer(now);
  }
  tend_streams(now);
  if (peer_ && peer_->next_deadline() <= now) peer_->on_timer(now);
}

base::Time Node::next_deadline() const {
  base::Time next = peer_ ? peer_->next_deadline() : base::never;
  for (const auto& [launcher, job] : primaries_) next = std::min(next, job.next_deadline());
  for (const auto& [id, hosted] : hosted_) next = std::min(next, hosted.part.next_deadline());
  for (const auto& [key, conversation] : streams_) next = std::min(next, conversation.stream.next_deadline());
  return next;
}

std::vector<Action> Node::take_actions(base::Time now) {
  if (peer_) tend_peer(now);
  for (auto& [launcher, job] : primaries_) {
    job.publish();
    collect(launcher);
  }
  settle(now);
  for (auto& [id, hosted] : hosted_) {
    hosted.part.publish();
    collect(id);
  }
  tend_streams(now);
  hold_members();
  if (!peer_) return std::exchange(actions_, {});
  if (stopping_ && !left_ && idle()) {
    left_ = true;
    peer_->overlay().leave(now);
  }
  tend_peer(now);  // what the jobs made of it: cores given back
  tend_streams(now);
  return std::exchange(actions_, {});
}

}  // namespace zel::daemon
