// Why: jobs on their way through a node: begun by their primary, prepared and forgotten by their hosts, and the
// mail between the two.
#include <algorithm>
#include <cstdio>

#include "daemon/deploy/host_plan.hpp"
#include "daemon/node.hpp"

namespace zel::daemon {

base::NodeId Node::self_id() const { return peer_ ? peer_->overlay().self().id : base::NodeId{}; }

JobId Node::id_of(LauncherNumber launcher) const { return {self_id(), setup_.job_names + launcher}; }

/// The same from its submission to its end, so that it can be killed while it waits for cores.
std::string Node::name_of(LauncherNumber launcher) const {
  char name[64];
  std::snprintf(name, sizeof name, "%08llx-%llu", static_cast<unsigned long long>(setup_.job_names & 0xffff'ffff),
                static_cast<unsigned long long>(launcher));
  return name;
}

std::optional<LauncherNumber> Node::launcher_of(const JobId& job) const {
  if (!is_here(job.primary)) return std::nullopt;
  const LauncherNumber launcher = job.number - setup_.job_names;
  return primaries_.contains(launcher) ? std::optional(launcher) : std::nullopt;
}

void Node::begin_job(LauncherNumber launcher, wire::run::Submit submit, std::vector<job::HostShare> hosts,
                     base::Time now) {
  wire::overlay::PeerRecord self;
  if (peer_) self = peer_->overlay().self();
  self.name = setup_.host;
  if (peer_) {
    remark("job " + name_of(launcher) + " begins: " + std::to_string(submit.ranks) + " × " + submit.program + " on " +
           std::to_string(hosts.size()) + (hosts.size() == 1 ? " node" : " nodes"));
  }
  primaries_.emplace(launcher,
                     job::PrimaryJob({name_of(launcher), std::move(self), std::move(submit), std::move(hosts)}, now));
  collect(launcher);
}

/// What the primary of a job wants said and done. It may be over after this.
void Node::collect(LauncherNumber launcher) {
  const auto found = primaries_.find(launcher);
  if (found == primaries_.end()) return;
  for (auto& action : found->second.take_actions()) {
    if (auto* mail = std::get_if<job::ToHost>(&action)) {
      mail_.push_back(MailToHost{launcher, mail->host, std::move(mail->message)});
    } else if (auto* said = std::get_if<job::TellLauncher>(&action)) {
      actions_.push_back(ToLauncher{launcher, std::move(said->message)});
    } else {
      actions_.push_back(ForgetLauncher{launcher});
    }
  }
}

/// The same of a part of a job on this host.
void Node::collect(const JobId& job) {
  const auto found = hosted_.find(job);
  if (found == hosted_.end()) return;
  for (auto& message : found->second.part.take_messages()) {
    mail_.push_back(MailToPrimary{job, self_id(), std::move(message)});
  }
  for (auto& action : found->second.part.take_actions()) actions_.push_back(AtHost{job, std::move(action)});
}

void Node::settle(base::Time now) {
  while (!mail_.empty()) {
    auto mail = std::move(mail_.front());
    mail_.pop_front();
    std::visit([&](auto& letter) { deliver(letter, now); }, mail);
  }
  std::erase_if(primaries_, [this](const auto& entry) {
    if (entry.second.done()) remark("job " + entry.second.setup().job + " is over");
    return entry.second.done();
  });
  std::vector<JobId> gone;
  for (const auto& [id, hosted] : hosted_) {
    if (hosted.part.gone()) gone.push_back(id);
  }
  for (const auto& id : gone) forget_part(id, now);
}

void Node::deliver(MailToHost& mail, base::Time now) {
  const JobId job = id_of(mail.launcher);
  const auto& share = primaries_.at(mail.launcher).setup().hosts[mail.host];
  if (!is_here(share.id)) {
    const bool last = std::holds_alternative<wire::job::Over>(mail.message);
    return post(job, share.id, wire::job::encode(mail.message), last, now);
  }
  if (const auto* prepare = std::get_if<wire::job::Prepare>(&mail.message)) {
    if (auto begun = prepare_part(job, *prepare, now); !begun) {
      mail_.push_back(MailToPrimary{job, self_id(), wire::job::PrepareFailed{job::status_launcher_failed, begun.error().text}});
    }
  } else if (const auto hosted = hosted_.find(job); hosted != hosted_.end()) {
    hosted->second.part.on_primary(mail.message, now);
  }
  collect(job);
}

void Node::deliver(MailToPrimary& mail, base::Time now) {
  if (is_here(mail.from) && !is_here(mail.job.primary)) {
    return post(mail.job, mail.job.primary, wire::job::encode(mail.message), false, now);
  }
  const auto launcher = launcher_of(mail.job);
  if (!launcher) return;
  auto& primary = primaries_.at(*launcher);
  const auto& hosts = primary.setup().hosts;
  for (std::uint32_t host = 0; host < hosts.size(); ++host) {
    if (hosts[host].id == mail.from) primary.on_host(host, std::move(mail.message), now);
  }
  collect(*launcher);
}

base::Result<job::HostSetup> Node::plan_part(const wire::job::Prepare& prepare, std::uint32_t granted) const {
  const auto ranks = static_cast<std::uint32_t>(prepare.ranks.size());
  auto placed = peer_ ? deploy::place_beside_others(cores_, peer_->scheduler().total_cores(), granted, ranks,
                                                    prepare.placement)
                      : deploy::place(setup_.topology, ranks, prepare.placement);
  if (!placed) return tl::unexpected(placed.error());
  // A described host (HWLOC_SYNTHETIC) is for looking at plans; its processors are not here to bind to.
  job::HostSetup part{setup_.host, std::move(*placed), 0, {}, setup_.topology.this_system};
  part.cores = peer_ ? granted : part.placement.cores;
  if (!peer_) return part;
  // A rank is reached where its node is, at a port of its own.
  for (const auto& address : peer_->overlay().self().addresses) {
    if (std::ranges::find(part.addresses, address.host) == part.addresses.end()) part.addresses.push_back(address.host);
  }
  return part;
}

base::Result<void> Node::prepare_part(const JobId& job, const wire::job::Prepare& prepare, base::Time now) {
  if (hosted_.contains(job)) return {};
  base::Result<std::uint32_t> granted = prepare.cores;
  if (prepare.protocol != wire::job::version) {
    granted = base::fail(base::Errc::wrong_version, "its zeld is of another version; install the same on all nodes");
  } else if (stopping_) {
    granted = base::fail(base::Errc::refused, "its zeld is stopping");
  } else if (peer_) {
    granted = peer_->scheduler().commit(prepare.lease, job.primary, now);
    if (!granted) return tl::unexpected(granted.error());
  }
  base::Result<job::HostSetup> plan = granted ? plan_part(prepare, *granted) : tl::unexpected(granted.error());
  if (!plan) {
    if (granted && peer_) peer_->scheduler().release(prepare.lease, now);
    remark("job " + prepare.job + " cannot run here: " + plan.error().text);
    job::HostSetup refusal;
    refusal.host = setup_.host;
    hosted_.emplace(job, Hosted{job::HostJob(std::move(refusal), prepare,
                                             {job::status_launcher_failed, plan.error().text}),
                                0, now});
    return {};
  }
  if (!is_here(job.primary)) {
    remark("job " + prepare.job + " of " + prepare.primary.name + " (" + job.primary.short_text() + ") begins here: " +
           std::to_string(prepare.ranks.size()) + " of its " + std::to_string(prepare.size) + " ranks");
  }
  if (peer_ && prepare.placement.bind_to != wire::run::Binding::numa) cores_.take(job, plan->placement.ranks);
  hosted_.emplace(job, Hosted{job::HostJob(std::move(*plan), prepare), peer_ ? prepare.lease : 0, now});
  return {};
}

void Node::forget_part(const JobId& job, base::Time now) {
  const auto found = hosted_.find(job);
  if (!is_here(job.primary)) remark("job " + found->second.part.prepare().job + " is over here");
  if (found->second.lease != 0) peer_->scheduler().release(found->second.lease, now);
  cores_.release(job);
  hosted_.erase(found);
  // The primary is told that all has come; what it said last need not be said again.
  if (const auto stream = streams_.find({job, job.primary}); stream != streams_.end()) {
    stream->second.stream.acknowledge(now);
    stream->second.closing = true;
  }
}

}  // namespace zel::daemon
