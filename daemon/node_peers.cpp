// Why: a node among others: looking for cores, hearing who came and who went, passing on what its peer engine
// wants sent.
#include <algorithm>
#include <chrono>

#include "daemon/node.hpp"

namespace zel::daemon {

namespace {

double in_ms(base::Duration d) { return base::seconds(d) * 1e3; }

wire::run::Explained explained(const std::vector<schedule::Verdict>& verdicts, std::string summary) {
  wire::run::Explained told;
  told.summary = std::move(summary);
  for (const auto& verdict : verdicts) {
    told.nodes.push_back({verdict.host.name, verdict.host.id.text(), in_ms(verdict.distance), verdict.cores_taken,
                          verdict.reason});
  }
  return told;
}

std::string remark_on(const overlay::PeerChanged& changed) {
  using What = overlay::PeerChanged::What;
  std::string text = changed.peer.name + " (" + changed.peer.id.short_text() + ")";
  switch (changed.what) {
    case What::joined: text += " joined"; break;
    case What::suspected: text += " is suspected"; break;
    case What::refuted: text += " is alive after all"; break;
    case What::died: text += " died"; break;
    case What::left: text += " left"; break;
  }
  return changed.cause.empty() ? text : text + ": " + changed.cause;
}

}  // namespace

/// What is known of it: at least its id, by which a link that is there is found.
wire::overlay::PeerRecord Node::record_of(const base::NodeId& node) const {
  for (const auto& [key, talk] : streams_) {
    if (key.other == node) return talk.other;
  }
  if (peer_) {
    if (auto known = peer_->overlay().find(node)) return std::move(known->record);
  }
  wire::overlay::PeerRecord record;
  record.id = node;
  return record;
}

void Node::seek(LauncherNumber launcher, const wire::run::Submit& submit, base::Time now) {
  schedule::Wanted wanted;
  wanted.ranks = submit.ranks;
  wanted.cores_per_rank = submit.placement.cores_per_rank;
  wanted.requirements = submit.requirements;
  wanted.metric = submit.metric;
  wanted.hops = submit.hops;
  wanted.wait = std::chrono::milliseconds(submit.wait_ms);
  wanted.oversubscribe = submit.oversubscribe;
  wanted.explain = submit.explain;
  searches_.emplace(launcher, Search{submit, now, {}});
  peer_->scheduler().seek(launcher, wanted, now);
}

void Node::found(schedule::Found& found, base::Time now) {
  const auto search = searches_.find(found.search);
  if (search == searches_.end()) return;  // given up; the leases end by themselves
  if (search->second.submit.explain) {
    actions_.push_back(ToLauncher{found.search, explained(found.verdicts, std::move(found.summary))});
  }
  std::vector<job::HostShare> hosts;
  std::uint32_t left = search->second.submit.ranks;
  for (const auto& grant : found.grants) {
    const std::uint32_t ranks = std::min(grant.ranks, left);
    left -= ranks;
    if (ranks == 0) {
      // More than was asked for: given back rather than held until it ends.
      if (is_here(grant.host.id)) peer_->scheduler().release(grant.lease, now);
      continue;
    }
    hosts.push_back({grant.host.id, grant.host.name, in_ms(grant.distance), grant.lease, grant.cores, ranks});
    search->second.records.push_back(grant.host);
  }
  auto request = std::move(search->second);
  searches_.erase(search);
  if (left > 0) return refuse(found.search, job::status_launcher_failed, "the cores found do not suffice");
  begin_job(found.search, std::move(request.submit), std::move(hosts), now);
  for (const auto& record : request.records) {
    if (!is_here(record.id)) conversation(id_of(found.search), record, now);
  }
}

void Node::not_found(schedule::NotFound& missing) {
  const auto search = searches_.find(missing.search);
  if (search == searches_.end()) return;
  if (search->second.submit.explain) {
    actions_.push_back(ToLauncher{missing.search, explained(missing.verdicts, std::move(missing.summary))});
  }
  searches_.erase(search);
  refuse(missing.search, job::status_launcher_failed, std::move(missing.text));
}

void Node::tend_peer(base::Time now) {
  for (auto& action : peer_->take_actions(now)) {
    if (auto* send = std::get_if<SendToPeer>(&action)) {
      const bool gossip = std::holds_alternative<wire::overlay::Message>(send->message);
      wire::node::Message message =
          std::visit([](auto& inner) { return wire::node::Message(std::move(inner)); }, send->message);
      actions_.push_back(SendToNode{std::move(send->to), std::move(message), gossip});
    } else if (auto* bootstrap = std::get_if<SendToAddress>(&action)) {
      actions_.push_back(std::move(*bootstrap));
    } else if (auto* changed = std::get_if<overlay::PeerChanged>(&action)) {
      using What = overlay::PeerChanged::What;
      remark(remark_on(*changed));
      if (changed->what == What::died) lose_node(changed->peer.id, "it is dead: " + changed->cause, now);
      if (changed->what == What::left) lose_node(changed->peer.id, "it left", now);
    } else if (auto* cores = std::get_if<schedule::Found>(&action)) {
      found(*cores, now);
    } else {
      not_found(std::get<schedule::NotFound>(action));
    }
  }
  settle(now);
}

void Node::on_link_message(const base::NodeId& from, const wire::node::Message& message, base::Time now) {
  if (!peer_) return;
  if (const auto* segment = std::get_if<wire::job::Segment>(&message)) return on_segment(from, *segment, now);
  if (const auto* gossip = std::get_if<wire::overlay::Message>(&message)) {
    peer_->on_message(from, *gossip, now);
  } else {
    peer_->on_message(from, std::get<wire::schedule::Message>(message), now);
  }
}

void Node::on_unreachable(const base::NodeId& node, base::Time now) {
  if (peer_) peer_->on_unreachable(node, now);
}

}  // namespace zel::daemon
