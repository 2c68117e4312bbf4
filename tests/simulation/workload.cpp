#include "tests/simulation/workload.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace zel::simulation {

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t answer_slack_ns = 45 * second_ns;  // a seeker may be stopped for most of this
constexpr std::int64_t start_limit_ns = 15 * second_ns;
constexpr std::int64_t job_lease_ns = 10 * second_ns;     // until a host ends what a lost seeker left
constexpr std::int64_t no_limit_ns = 1'000'000 * second_ns;

}  // namespace

Workload::Workload(World& world, Ledger& ledger, base::Random random)
    : world_(world), ledger_(ledger), random_(random) {}

void Workload::submit_random() {
  std::vector<NodeIndex> up;
  for (NodeIndex node = 0; node < world_.size(); ++node) {
    if (world_.is_up(node)) up.push_back(node);
  }
  if (up.empty()) return;
  schedule::Wanted wanted;
  const std::size_t cores = up.size() * world_.setup().most_cores / 2;
  wanted.ranks = 1 + static_cast<std::uint32_t>(random_.below(random_.chance(0.2) ? cores : cores / 4 + 1));
  wanted.cores_per_rank = random_.chance(0.2) ? 2 : 1;
  if (random_.chance(0.1)) wanted.requirements.labels.emplace_back("gpu=true");
  if (random_.chance(0.1)) wanted.requirements.memory_bytes_per_core = 1ULL << (30 + random_.below(4));
  if (random_.chance(0.1)) wanted.requirements.excluded.push_back("n" + std::to_string(random_.below(world_.size())));
  const double metric = random_.unit();
  wanted.metric = metric < 0.7   ? wire::schedule::Metric::latency
                  : metric < 0.9 ? wire::schedule::Metric::hops
                                 : wire::schedule::Metric::neighbours;
  if (random_.chance(0.3)) wanted.hops = 1 + static_cast<std::uint32_t>(random_.below(4));
  wanted.wait = std::chrono::milliseconds(500 + random_.below(15'000));
  wanted.oversubscribe = random_.chance(0.1);
  wanted.explain = random_.chance(0.2);
  const std::int64_t length = static_cast<std::int64_t>(random_.between(0.01, 20) * 1e9);
  const std::size_t job = submit(up[random_.below(up.size())], wanted, length);
  if (random_.chance(0.1)) {
    world_.after(static_cast<std::int64_t>(random_.unit() * 3e9), [this, job] { cancel(job); });
  }
}

std::size_t Workload::submit(NodeIndex seeker, const schedule::Wanted& wanted, std::int64_t length_ns) {
  const std::size_t job = jobs_.size();
  Job& entry = jobs_.emplace_back();
  entry.seeker = seeker;
  entry.seeker_life = world_.life(seeker);
  entry.wanted = wanted;
  entry.length_ns = length_ns;
  entry.sought_ns = world_.now_ns();
  world_.note(seeker, "seeks " + std::to_string(wanted.ranks) + " x " + std::to_string(wanted.cores_per_rank) +
                          " cores, search " + std::to_string(job));
  world_.after(wanted.wait.count() + answer_slack_ns, [this, job] { check_answered(job); });
  world_.act(seeker, [&](Peer& peer, base::Time now) { peer.scheduler().seek(job, wanted, now); });
  return job;
}

void Workload::cancel(std::size_t number) {
  Job& job = jobs_[number];
  if (job.state != State::seeking || !world_.is_up(job.seeker) || world_.life(job.seeker) != job.seeker_life) return;
  job.state = State::over;
  world_.note(job.seeker, "cancels search " + std::to_string(number));
  world_.act(job.seeker, [&](Peer& peer, base::Time now) { peer.scheduler().cancel(number, now); });
}

void Workload::check_answered(std::size_t number) {
  Job& job = jobs_[number];
  if (job.state != State::seeking) return;
  if (world_.presence(job.seeker) == Presence::frozen) {
    world_.after(answer_slack_ns, [this, number] { check_answered(number); });
    return;
  }
  throw Violation("search " + std::to_string(number) + " of n" + std::to_string(job.seeker) + " never ended");
}

void Workload::on_action(NodeIndex node, const PeerAction& action) {
  if (const auto* found = std::get_if<schedule::Found>(&action)) on_found(node, *found);
  if (const auto* not_found = std::get_if<schedule::NotFound>(&action)) on_not_found(node, not_found->search);
}

Workload::Job& Workload::seeking_job(NodeIndex node, schedule::SearchNumber search) {
  const std::string who = "n" + std::to_string(node) + ": search " + std::to_string(search);
  if (search >= jobs_.size() || jobs_[search].seeker != node) throw Violation(who + " answered, but was not sought");
  if (jobs_[search].state != State::seeking) throw Violation(who + " answered, but is over");
  jobs_[search].answered_ns = world_.now_ns();
  return jobs_[search];
}

void Workload::on_not_found(NodeIndex node, schedule::SearchNumber search) {
  seeking_job(node, search).state = State::over;
  world_.note(node, "search " + std::to_string(search) + " found nothing");
}

void Workload::on_found(NodeIndex node, const schedule::Found& found) {
  Job& job = seeking_job(node, found.search);
  const std::string who = "n" + std::to_string(node) + ": search " + std::to_string(found.search);
  std::uint32_t ranks = 0;
  for (const schedule::Grant& grant : found.grants) {
    const NodeIndex host = world_.index_of(grant.host.id);
    ranks += grant.ranks;
    if (grant.cores == 0 || grant.cores > world_.cores(host)) throw Violation(who + ": a grant of more than there is");
    if (grant.cores < grant.ranks * job.wanted.cores_per_rank && !job.wanted.oversubscribe) throw Violation(who + ": ranks without cores");
    const auto& excluded = job.wanted.requirements.excluded;
    if (std::count(excluded.begin(), excluded.end(), grant.host.name) > 0) throw Violation(who + ": a host that was excluded");
    if (!job.wanted.requirements.labels.empty() && host % 3 != 0) throw Violation(who + ": a host without the label");
    const bool twice = std::any_of(job.held.begin(), job.held.end(), [&](const Held& held) {
      return held.host == host && held.grant.lease == grant.lease;
    });
    if (twice) throw Violation(who + ": one lease granted twice");
    job.held.push_back({host, world_.life(host), grant, false});
  }
  if (ranks != job.wanted.ranks) {
    throw Violation(who + ": found " + std::to_string(ranks) + " ranks of " + std::to_string(job.wanted.ranks));
  }
  ++found_;
  job.was_found = true;
  job.state = State::starting;
  world_.note(node, "search " + std::to_string(found.search) + " found " + std::to_string(found.grants.size()) + " hosts");
  const std::size_t number = found.search;
  for (std::size_t held = 0; held < job.held.size(); ++held) {
    world_.tell(node, job.held[held].host, [this, number, held] { commit(number, held); }, no_limit_ns);
  }
  world_.after(start_limit_ns, [this, number] {
    if (jobs_[number].state == State::starting) finish(number);
  });
}

void Workload::commit(std::size_t number, std::size_t index) {
  Job& job = jobs_[number];
  if (job.state != State::starting) return;
  Held& held = job.held[index];
  bool granted = false;
  world_.act(held.host, [&](Peer& peer, base::Time now) {
    const auto cores = peer.scheduler().commit(held.grant.lease, world_.id(job.seeker), now);
    granted = cores.has_value();
    if (!granted) return;
    if (*cores != held.grant.cores) throw Violation("a host commits another number of cores than it granted");
    held.is_committed = true;
    ledger_.take(held.host, world_.cores(held.host), held.grant.lease, *cores);
  });
  world_.tell(held.host, job.seeker, [this, number, index, granted] { committed(number, index, granted); }, no_limit_ns);
}

void Workload::committed(std::size_t number, std::size_t, bool granted) {
  Job& job = jobs_[number];
  if (job.state != State::starting) return;
  if (!granted) return finish(number);
  if (!std::all_of(job.held.begin(), job.held.end(), [](const Held& held) { return held.is_committed; })) return;
  job.state = State::running;
  world_.after(job.length_ns, [this, number] {
    if (jobs_[number].state == State::running) finish(number);
  });
}

void Workload::finish(std::size_t number) {
  Job& job = jobs_[number];
  job.state = State::over;
  for (std::size_t index = 0; index < job.held.size(); ++index) {
    world_.tell(job.seeker, job.held[index].host, [this, number, index] { give_back(jobs_[number].held[index]); }, no_limit_ns);
  }
}

void Workload::give_back(const Held& held) {
  if (world_.life(held.host) != held.host_life || !world_.runs(held.host)) return;
  if (!ledger_.holds(held.host, held.grant.lease)) return;
  if (!world_.is_up(held.host)) {
    world_.after(second_ns, [this, held] { give_back(held); });
    return;
  }
  ledger_.give_back(held.host, held.grant.lease);
  world_.act(held.host, [&](Peer& peer, base::Time now) { peer.scheduler().release(held.grant.lease, now); });
}

void Workload::on_gone(NodeIndex node) {
  ledger_.forget(node);
  for (Job& job : jobs_) {
    if (job.seeker != node || job.seeker_life != world_.life(node)) continue;
    job.state = State::over;  // what it was about to give back, it does not
    for (const Held& held : job.held) world_.after(job_lease_ns, [this, held] { give_back(held); });
  }
}

std::size_t Workload::unfinished() const {
  return static_cast<std::size_t>(
      std::count_if(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.state != State::over; }));
}

}  // namespace zel::simulation
