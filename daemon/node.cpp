#include "daemon/node.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "daemon/rank_environment.hpp"

namespace zel::daemon {

namespace {

// How long a member whose connection closed is given to show the exit that explains it.
constexpr auto loss_patience = std::chrono::milliseconds(200);

const char* phase_name(job::Phase phase) {
  static constexpr const char* names[] = {"starting", "running", "ending", "sweeping", "draining", "ended"};
  return names[static_cast<unsigned>(phase)];
}

}  // namespace

struct Node::Job {
  std::string name;
  std::uint32_t ranks;
  std::uint32_t cores;
  job::Lifecycle lifecycle;
  job::MembershipLog log;
  std::uint64_t published = 0;      // every connected member has been sent the log up to here
  std::vector<std::uint64_t> told;  // by rank: the last entry sent to this member
  std::vector<bool> connected;      // by rank: has said hello and is still there
  std::map<std::uint32_t, base::Time> losses;  // ranks whose connection closed without leaving
  std::string program;
  base::Time since;
};

Node::Node(NodeSetup setup) : setup_(std::move(setup)) {}
Node::~Node() = default;

Node::Job* Node::find(JobNumber job) {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : &found->second;
}

void Node::refuse(JobNumber number, int status, std::string text) {
  actions_.push_back(ToLauncher{number, wire::run::Refused{status, std::move(text)}});
  actions_.push_back(ForgetJob{number});
  jobs_.erase(number);
}

base::Result<void> Node::submit(JobNumber number, const wire::run::Submit& submit, base::Time now) {
  if (find(number)) return base::fail(base::Errc::bad_message, "a second job on one connection");
  if (submit.protocol != wire::run::version) {
    refuse(number, job::status_launcher_failed,
           "zrun and its node are of different versions; start both from one installation");
    return {};
  }
  if (submit.ranks < 1 || submit.ranks > wire::run::max_ranks || submit.arguments.empty() ||
      submit.program.empty() || submit.program.front() != '/' || submit.stdin_rank >= submit.ranks) {
    return base::fail(base::Errc::bad_message, "a submission that no zrun makes");
  }
  const auto plan = deploy::place(setup_.topology, submit.ranks, submit.placement);
  if (!plan) {
    refuse(number, job::status_launcher_failed, plan.error().text);
    return {};
  }

  char name[64];
  std::snprintf(name, sizeof name, "%08llx-%llu",
                static_cast<unsigned long long>(setup_.job_names & 0xffff'ffff),
                static_cast<unsigned long long>(++submitted_));
  const wire::run::HostPlan host{setup_.host, "", 0, plan->cores, plan->hwthreads, plan->threads_per_rank};
  actions_.push_back(ToLauncher{number, wire::run::Planned{name, setup_.host, plan->notice, {host}, plan->ranks}});
  if (submit.dry_run) {
    actions_.push_back(ToLauncher{number, wire::run::Ended{0, ""}});
    actions_.push_back(ForgetJob{number});
    return {};
  }

  const job::LifecycleSetup setup{submit.ranks,
                                  submit.program,
                                  setup_.host,
                                  submit.on_failure,
                                  std::chrono::milliseconds(submit.grace_ms),
                                  std::chrono::milliseconds(submit.timeout_ms)};
  jobs_.emplace(number, Job{name, submit.ranks, plan->cores, job::Lifecycle(setup, now), job::MembershipLog(submit.ranks),
                            0, std::vector<std::uint64_t>(submit.ranks), std::vector<bool>(submit.ranks), {}, submit.program, now});

  const RankEnvironment environment(submit.environment, setup_.host, name, submit.ranks, plan->threads_per_rank);
  StartJob start{number,
                 {submit.program, submit.arguments, environment.common(), submit.directory, 0},
                 {},
                 submit.stdin_to,
                 submit.stdin_rank};
  for (std::uint32_t rank = 0; rank < submit.ranks; ++rank) {
    // A described host (HWLOC_SYNTHETIC) is for looking at plans; its processors are not here to bind to.
    const auto& cpus = plan->ranks[rank].cpus;
    start.ranks.push_back({rank, environment.of(rank), setup_.topology.this_system ? cpus : std::vector<std::uint32_t>()});
  }
  actions_.push_back(std::move(start));
  return {};
}

base::Result<void> Node::on_launcher(JobNumber number, const wire::run::ToNode& message, base::Time now) {
  if (const auto* request = std::get_if<wire::run::Submit>(&message)) return submit(number, *request, now);
  Job* job = find(number);
  if (!job) return {};  // the job ended while this was on its way
  if (const auto* signal = std::get_if<wire::run::Signal>(&message)) {
    if (signal->number < 1 || signal->number > 64) return base::fail(base::Errc::bad_message, "no such signal");
    job->lifecycle.on_signal(signal->number, now);
  } else if (std::holds_alternative<wire::run::Kill>(message)) {
    job->lifecycle.on_kill(now);
  }
  carry_out(number, *job);
  return {};
}

void Node::on_launcher_gone(JobNumber number, base::Time now) {
  if (Job* job = find(number)) {
    job->lifecycle.on_launcher_lost(now);
    carry_out(number, *job);
  }
}

void Node::on_start_failed(JobNumber number, const std::string& text) {
  if (find(number)) refuse(number, job::status_launcher_failed, text);
}

void Node::on_keeper(JobNumber number, const wire::keeper::ToNode& message, base::Time now) {
  Job* job = find(number);
  if (!job) return;
  if (const auto* spawned = std::get_if<wire::keeper::Spawned>(&message)) {
    job->lifecycle.on_spawned(*spawned);
  } else if (const auto* failed = std::get_if<wire::keeper::SpawnFailed>(&message)) {
    job->log.ended(failed->rank, "could not be started");
    job->lifecycle.on_spawn_failed(*failed, now);
  } else if (const auto* exited = std::get_if<wire::keeper::Exited>(&message)) {
    job->losses.erase(exited->rank);
    job->log.ended(exited->rank, exited->signal != 0
                                     ? "ended by signal " + std::to_string(exited->signal)
                                     : "exited with status " + std::to_string(exited->code) + " without leaving");
    job->lifecycle.on_exited(*exited, now);
  } else {
    job->lifecycle.on_swept(std::get<wire::keeper::Swept>(message));
  }
  carry_out(number, *job);
}

void Node::on_keeper_gone(JobNumber number) {
  if (Job* job = find(number)) {
    job->lifecycle.on_keeper_lost();
    carry_out(number, *job);
  }
}

void Node::on_output_drained(JobNumber number) {
  if (Job* job = find(number)) {
    job->lifecycle.on_output_drained();
    carry_out(number, *job);
  }
}

void Node::member_hello(JobNumber number, Job& job, std::uint32_t rank) {
  wire::member::Welcome welcome;
  welcome.job = job.name;
  welcome.node = setup_.host;
  welcome.rank = welcome.local_rank = rank;
  welcome.size = welcome.local_size = job.ranks;
  welcome.cores = job.cores;
  welcome.segment_bytes = wire::member::segment_bytes(job.ranks);
  job.connected[rank] = true;
  actions_.push_back(ToMember{number, rank, std::move(welcome)});
}

base::Result<void> Node::on_member(JobNumber number, std::uint32_t rank, const wire::member::ToNode& message) {
  Job* job = find(number);
  if (!job || rank >= job->ranks) return {};
  base::Result<void> granted;
  if (const auto* hello = std::get_if<wire::member::Hello>(&message)) {
    if (hello->protocol != wire::member::version) {
      granted = base::fail(base::Errc::wrong_version,
                           "this program's libzel is of another version than zrun; build it with the same one");
    } else {
      granted = job->log.join(rank);
    }
    if (granted) member_hello(number, *job, rank);
  } else if (const auto* elect = std::get_if<wire::member::Elect>(&message)) {
    granted = job->log.elect(rank, elect->name);
  } else if (const auto* signal = std::get_if<wire::member::SignalMembers>(&message)) {
    granted = job->log.signal(rank, signal->text, signal->to);
  } else if (std::holds_alternative<wire::member::Terminate>(message)) {
    granted = job->log.terminate(rank);
  } else {
    granted = job->log.leave(rank);
  }
  if (!granted) actions_.push_back(ToMember{number, rank, wire::member::Refused{granted.error().text}});
  if (granted && std::holds_alternative<wire::member::Leave>(message)) {
    job->connected[rank] = false;
    actions_.push_back(CloseMember{number, rank});
  }
  return {};
}

void Node::on_member_gone(JobNumber number, std::uint32_t rank, base::Time now) {
  Job* job = find(number);
  if (!job || rank >= job->ranks) return;
  job->connected[rank] = false;
  if (job->log.is_member(rank)) job->losses.emplace(rank, now + loss_patience);
}

/// Sends every connected member what it has not seen of the log.
void Node::publish(JobNumber number, Job& job) {
  if (job.published == job.log.last()) return;
  job.published = job.log.last();
  for (std::uint32_t rank = 0; rank < job.ranks; ++rank) {
    if (!job.connected[rank] || job.told[rank] == job.log.last()) continue;
    wire::member::Events news{job.log.since(job.told[rank])};
    job.told[rank] = job.log.last();
    // A signal is the business of those it is for.
    std::erase_if(news.events, [&](const wire::member::Event& event) {
      return event.kind == wire::member::EventKind::signalled &&
             std::find(event.to.begin(), event.to.end(), rank) == event.to.end();
    });
    if (!news.events.empty()) actions_.push_back(ToMember{number, rank, std::move(news)});
  }
}

void Node::carry_out(JobNumber number, Job& job) {
  bool over = false;
  for (auto& action : job.lifecycle.take_actions()) {
    if (auto* signal = std::get_if<job::SignalRank>(&action)) {
      actions_.push_back(ToKeeper{number, wire::keeper::Signal{signal->rank, signal->number}});
    } else if (std::holds_alternative<job::SweepTree>(action)) {
      actions_.push_back(ToKeeper{number, wire::keeper::Sweep{}});
    } else if (std::holds_alternative<job::KillKeeper>(action)) {
      actions_.push_back(KillKeeper{number});
    } else if (auto* tell = std::get_if<job::TellLauncher>(&action)) {
      actions_.push_back(ToLauncher{number, std::move(tell->message)});
    } else {
      actions_.push_back(ForgetJob{number});
      over = true;
    }
  }
  if (over) jobs_.erase(number);
}

void Node::on_timer(base::Time now) {
  std::vector<JobNumber> numbers;
  for (const auto& entry : jobs_) numbers.push_back(entry.first);
  for (const JobNumber number : numbers) {
    Job* job = find(number);
    std::erase_if(job->losses, [&](const auto& loss) {
      if (loss.second > now) return false;
      job->log.lost(loss.first, "closed its connection to the node without leaving");
      return true;
    });
    job->lifecycle.on_timer(now);
    carry_out(number, *job);
  }
}

wire::admin::Jobs Node::jobs(base::Time now) const {
  wire::admin::Jobs jobs;
  for (const auto& [number, job] : jobs_) {
    const auto ran = std::chrono::duration_cast<std::chrono::milliseconds>(now - job.since);
    jobs.jobs.push_back({job.name, job.program, "primary", phase_name(job.lifecycle.phase()), job.ranks,
                         job.ranks, 1, static_cast<std::uint64_t>(ran.count())});
  }
  return jobs;
}

bool Node::kill(const std::string& name, base::Time now) {
  for (auto& [number, job] : jobs_) {
    if (job.name != name) continue;
    actions_.push_back(ToLauncher{number, wire::run::Notice{"the job was killed with 'zeld kill'"}});
    job.lifecycle.on_kill(now);
    carry_out(number, job);
    return true;
  }
  return false;
}

base::Time Node::next_deadline() const {
  base::Time next = base::never;
  for (const auto& [number, job] : jobs_) {
    next = std::min(next, job.lifecycle.next_deadline());
    for (const auto& loss : job.losses) next = std::min(next, loss.second);
  }
  return next;
}

std::vector<Action> Node::take_actions() {
  for (auto& [number, job] : jobs_) publish(number, job);
  return std::exchange(actions_, {});
}

}  // namespace zel::daemon
