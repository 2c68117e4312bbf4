#include "tests/simulation/jobs/book.hpp"

#include <algorithm>

namespace zel::simulation::jobs {

std::string name_of(const JobId& job) { return job.primary.short_text() + "/" + std::to_string(job.number); }

std::optional<std::uint32_t> JobRecord::host_index(const std::string& name) const {
  for (std::uint32_t host = 0; planned && host < planned->hosts.size(); ++host) {
    if (planned->hosts[host].name == name) return host;
  }
  return std::nullopt;
}

JobRecord& Book::open(JobRecord job) {
  job.ranks.resize(job.submit.ranks);
  const auto [entry, is_new] = jobs_.emplace(job.id, std::move(job));
  if (!is_new) throw Violation("two jobs of one id: " + name_of(entry->first));
  return entry->second;
}

JobRecord* Book::find(const JobId& job) {
  const auto found = jobs_.find(job);
  return found == jobs_.end() ? nullptr : &found->second;
}

void Book::on_planned(JobRecord& job, const wire::run::Planned& planned) {
  if (job.planned) throw Violation(name_of(job.id) + " is planned twice");
  if (planned.ranks.size() != job.submit.ranks || planned.hosts.empty()) {
    throw Violation(name_of(job.id) + " is planned with other ranks than asked for");
  }
  job.planned = planned;
}

void Book::on_start(JobRecord& job, NodeIndex host, const std::string& host_name, std::uint32_t total_cores,
                    const std::vector<wire::keeper::Spawn>& ranks) {
  const std::string where = name_of(job.id) + " on " + host_name;
  const auto index = job.host_index(host_name);
  if (!index) throw Violation(where + " starts ranks, and no plan says so");
  for (std::size_t other = 0; other < job.planned->hosts.size(); ++other) {
    const auto node = static_cast<NodeIndex>(std::stoul(job.planned->hosts[other].name.substr(1)));
    if (node != job.primary && !job.prepared.contains(node)) {
      throw Violation(where + " starts ranks before " + job.planned->hosts[other].name + " is prepared");
    }
  }
  Use use;
  use.cores = job.planned->hosts[*index].cores;
  for (const auto& spawn : ranks) {
    if (spawn.rank >= job.ranks.size() || job.planned->ranks[spawn.rank].host != *index) {
      throw Violation(where + " starts a rank of another host: " + std::to_string(spawn.rank));
    }
    if (std::exchange(job.ranks[spawn.rank].started, true)) {
      throw Violation(where + " starts rank " + std::to_string(spawn.rank) + " a second time");
    }
    use.cpus.insert(spawn.cpus.begin(), spawn.cpus.end());
  }
  auto& others = used_[host];
  std::uint32_t sum = use.cores;
  for (const auto& [other, taken] : others) {
    sum += taken.cores;
    const auto both = std::find_if(use.cpus.begin(), use.cpus.end(), [&](auto cpu) { return taken.cpus.contains(cpu); });
    if (both != use.cpus.end()) throw Violation(where + " is bound to cpu " + std::to_string(*both) + " as is " + name_of(other));
  }
  if (sum > total_cores) {
    throw Violation(where + ": " + std::to_string(sum) + " cores used of " + std::to_string(total_cores));
  }
  if (!others.emplace(job.id, std::move(use)).second) throw Violation(where + " starts twice");
}

void Book::on_part_over(const JobId& job, NodeIndex host) { used_[host].erase(job); }

std::uint32_t Book::used(NodeIndex host) const {
  std::uint32_t sum = 0;
  if (const auto of_host = used_.find(host); of_host != used_.end()) {
    for (const auto& entry : of_host->second) sum += entry.second.cores;
  }
  return sum;
}

void Book::on_events(JobRecord& job, std::uint32_t rank, std::uint64_t& last,
                     const std::vector<wire::member::Event>& events) {
  const std::string who = "rank " + std::to_string(rank) + " of " + name_of(job.id);
  for (const auto& event : events) {
    if (event.sequence <= last) throw Violation(who + " is told entry " + std::to_string(event.sequence) + " again");
    for (std::uint64_t missing = last + 1; missing < event.sequence; ++missing) job.skipped.insert({missing, rank});
    last = event.sequence;
    const auto& known = job.log.emplace(event.sequence, event).first->second;
    if (known.kind != event.kind || known.rank != event.rank || known.text != event.text || known.to != event.to) {
      throw Violation(who + " is told another entry " + std::to_string(event.sequence) + " than others");
    }
    const bool addressed = std::find(event.to.begin(), event.to.end(), rank) != event.to.end();
    if (event.kind == wire::member::EventKind::signalled && !addressed) throw Violation(who + " hears a signal for others");
  }
}

void Book::check_log(const JobRecord& job) const {
  for (const auto& [sequence, rank] : job.skipped) {
    const auto entry = job.log.find(sequence);
    if (entry == job.log.end()) continue;  // told to nobody: those it was for were gone
    const auto& to = entry->second.to;
    if (entry->second.kind != wire::member::EventKind::signalled || std::find(to.begin(), to.end(), rank) != to.end()) {
      throw Violation("rank " + std::to_string(rank) + " of " + name_of(job.id) + " was not told entry " + std::to_string(sequence));
    }
  }
}

}  // namespace zel::simulation::jobs
