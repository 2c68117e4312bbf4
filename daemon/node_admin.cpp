// Why: what a node tells its administrator, and does for him.
#include <signal.h>

#include <algorithm>
#include <iterator>

#include "daemon/node.hpp"

namespace zel::daemon {

namespace {

std::uint64_t in_ms(base::Duration d) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::milliseconds>(d).count()));
}

const char* text_of(overlay::PeerState state) {
  switch (state) {
    case overlay::PeerState::alive: return "alive";
    case overlay::PeerState::suspect: return "suspect";
    case overlay::PeerState::dead: return "dead";
    case overlay::PeerState::left: break;
  }
  return "left";
}

}  // namespace

/// The operating system's part (pid, links) is filled in by whoever knows it.
wire::admin::Status Node::status(base::Time now) const {
  wire::admin::Status status;
  status.name = setup_.host;
  status.up_ms = in_ms(now - began_);
  std::size_t jobs = hosted_.size() + searches_.size();
  for (const auto& entry : primaries_) {
    if (!hosted_.contains(id_of(entry.first))) ++jobs;
  }
  status.jobs = static_cast<std::uint32_t>(jobs);
  status.cores_total = status.cores_free = cores_.cores();
  if (!peer_) return status;
  const auto& overlay = peer_->overlay();
  const auto& scheduler = peer_->scheduler();
  status.id = overlay.self().id.text();
  status.listens = overlay.self().addresses;
  status.cores_free = scheduler.free_cores();
  status.cores_total = scheduler.total_cores();
  for (const auto& known : overlay.known()) {
    if (known.state == overlay::PeerState::alive || known.state == overlay::PeerState::suspect) ++status.nodes_known;
  }
  status.neighbours = static_cast<std::uint32_t>(overlay.neighbours().size());
  status.network_size = overlay.perceived_size();
  status.labels = setup_.peer->resources.labels;
  const auto& counts = scheduler.counters();
  status.counters = {{"requests handled", counts.requests_handled},   {"requests repeated", counts.requests_repeated},
                     {"requests refused", counts.requests_refused},   {"offers", counts.offers},
                     {"leases expired", counts.leases_expired},       {"claims granted", counts.claims_granted},
                     {"claims refused", counts.claims_refused},       {"stray schedule messages", counts.strays},
                     {"job segments refused", segments_refused_},     {"streams broken", streams_broken_}};
  const auto gossip = overlay.counters();
  const std::initializer_list<wire::admin::Counter> heard = {
      {"nodes accused of silence", gossip.accusations},       {"nodes declared dead", gossip.deaths},
      {"rumours refuted", gossip.refutations},                {"stalls", gossip.stalls},
      {"gossip exchanges failed", gossip.failed_exchanges},   {"coordinate resets", gossip.coordinate_resets},
      {"overlay messages of another's", gossip.wrong_sender}, {"overlay answers unasked", gossip.unasked},
      {"overlay probes refused", gossip.refused_work},        {"overlay measurements refused", gossip.bad_samples}};
  status.counters.insert(status.counters.end(), heard);
  return status;
}

wire::admin::Nodes Node::nodes() const {
  wire::admin::Nodes answer;
  if (!peer_) {
    answer.nodes.push_back({"", setup_.host, {}, 0, cores_.cores(), cores_.cores(), "self"});
    return answer;
  }
  const auto& overlay = peer_->overlay();
  const auto line = [](const wire::overlay::PeerRecord& record, double distance_ms, std::string state) {
    return wire::admin::NodeLine{record.id.text(),  record.name,        record.addresses, distance_ms,
                                 record.cores_free, record.cores_total, std::move(state)};
  };
  for (const auto& known : overlay.known()) {
    if (is_here(known.record.id)) continue;
    answer.nodes.push_back(line(known.record, base::seconds(overlay.distance(known.record)) * 1e3, text_of(known.state)));
  }
  std::sort(answer.nodes.begin(), answer.nodes.end(), [](const auto& a, const auto& b) {
    return a.distance_ms != b.distance_ms ? a.distance_ms < b.distance_ms : a.id < b.id;
  });
  answer.nodes.insert(answer.nodes.begin(), line(overlay.self(), 0, "self"));
  return answer;
}

wire::admin::Jobs Node::jobs(base::Time now) const {
  wire::admin::Jobs answer;
  for (const auto& [launcher, search] : searches_) {
    answer.jobs.push_back({name_of(launcher), search.submit.program, "primary", "looking for cores", search.submit.ranks, 0, 0,
                           in_ms(now - search.began)});
  }
  for (const auto& [launcher, job] : primaries_) {
    const auto& setup = job.setup();
    const auto part = hosted_.find(id_of(launcher));
    const std::size_t here = part == hosted_.end() ? 0 : part->second.part.prepare().ranks.size();
    answer.jobs.push_back({setup.job, setup.submit.program, "primary", job.phase(), setup.submit.ranks,
                           static_cast<std::uint32_t>(here), static_cast<std::uint32_t>(setup.hosts.size()),
                           in_ms(now - job.began())});
  }
  for (const auto& [id, hosted] : hosted_) {
    if (launcher_of(id)) continue;
    const auto& prepare = hosted.part.prepare();
    answer.jobs.push_back({prepare.job, prepare.program, "host", hosted.part.phase(), prepare.size,
                           static_cast<std::uint32_t>(prepare.ranks.size()), 0, in_ms(now - hosted.began)});
  }
  return answer;
}

base::Result<void> Node::kill(const std::string& job, base::Time now) {
  for (const auto& entry : searches_) {
    const LauncherNumber launcher = entry.first;
    if (name_of(launcher) != job) continue;
    peer_->scheduler().cancel(launcher, now);
    searches_.erase(launcher);
    refuse(launcher, job::status_signal_base + SIGKILL, "killed on " + setup_.host + " (zeld kill) before it began");
    return {};
  }
  for (auto& [launcher, primary] : primaries_) {
    if (primary.setup().job != job) continue;
    primary.on_kill("killed on " + setup_.host + " (zeld kill)", now);
    collect(launcher);
    settle(now);
    return {};
  }
  for (const auto& [id, hosted] : hosted_) {
    const auto& prepare = hosted.part.prepare();
    if (prepare.job != job) continue;
    return base::fail(base::Errc::refused, "job " + job + " was submitted on " + prepare.primary.name +
                                               "; kill it there");
  }
  return base::fail(base::Errc::refused, "no job " + job + " here; zeld jobs shows those there are");
}

void Node::stop(const std::string& why, base::Time now) {
  stopping_ = true;
  while (!searches_.empty()) {
    const LauncherNumber launcher = searches_.begin()->first;
    searches_.erase(launcher);
    peer_->scheduler().cancel(launcher, now);
    refuse(launcher, job::status_launcher_failed, why);
  }
  for (auto& [launcher, primary] : primaries_) {
    primary.on_stop(why, now);
    collect(launcher);
  }
  for (auto& [id, hosted] : hosted_) {
    if (!is_here(id.primary)) hosted.part.on_stop(now);
    collect(id);
  }
  settle(now);
}

void Node::drop_parts(base::Time now) {
  for (auto& [id, hosted] : hosted_) {
    if (is_here(id.primary)) continue;
    hosted.part.on_primary_lost(now);
    collect(id);
  }
  for (auto& [key, talk] : streams_) talk.stream.break_off("the node stops");
  tend_streams(now);
}

bool Node::idle() const { return searches_.empty() && primaries_.empty() && hosted_.empty() && streams_.empty(); }

}  // namespace zel::daemon
