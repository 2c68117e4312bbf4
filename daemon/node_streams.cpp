// Why: mail between the primary of a job and a host on another node: into streams, out of streams, and what the
// end of a stream means to a job.
#include "daemon/node.hpp"

#include <algorithm>

namespace zel::daemon {

using wire::job::Segment;
using wire::job::SegmentKind;

namespace {

constexpr std::size_t max_hosted = 1024;
constexpr std::size_t max_forgotten = 1024;

}  // namespace

Node::Conversation& Node::conversation(const JobId& job, const wire::overlay::PeerRecord& other, base::Time now) {
  const StreamKey key{job, other.id};
  const auto found = streams_.find(key);
  if (found != streams_.end()) return found->second;
  if (peer_) peer_->overlay().watch(other);
  return streams_.emplace(key, Conversation{job::Stream(job, is_here(job.primary), setup_.stream, now), other})
      .first->second;
}

/// A conversation that has ended is not begun anew: the other end would take its numbers for old ones.
void Node::post(const JobId& job, const base::NodeId& to, base::Bytes payload, bool last, base::Time now) {
  const auto talk = streams_.find({job, to});
  if (talk == streams_.end()) return;
  talk->second.stream.send(std::move(payload), now);
  talk->second.closing = talk->second.closing || last;
}

bool Node::ended_lately(const JobId& job) const {
  return std::find(forgotten_.begin(), forgotten_.end(), job) != forgotten_.end();
}

/// Tells the other end that there is nobody here to talk to.
void Node::reset(const StreamKey& about, const std::string& why) {
  const auto text = base::as_bytes(std::string_view(why).substr(0, wire::job::max_reset_bytes));
  Segment answer{about.job, is_here(about.job.primary), SegmentKind::reset, 0, 0, {text.begin(), text.end()}};
  actions_.push_back(SendToNode{record_of(about.other), wire::node::Message(std::move(answer)), true});
}

void Node::on_segment(const base::NodeId& from, const Segment& segment, base::Time now) {
  // A primary speaks for its own jobs only, a host to the primary of the job.
  const bool its_place = segment.from_primary ? segment.job.primary == from : is_here(segment.job.primary);
  if (!its_place || is_here(from)) {
    ++segments_refused_;
    return;
  }
  const StreamKey key{segment.job, from};
  auto found = streams_.find(key);
  if (found == streams_.end()) {
    if (segment.kind == SegmentKind::reset) return;
    ++segments_refused_;
    const bool begins = segment.from_primary && segment.kind == SegmentKind::data && segment.number == 1;
    // The beginning of one that was never answered is still on its way.
    const bool unknown = !segment.from_primary || segment.acked > 0 || ended_lately(segment.job);
    if (unknown) return reset(key, "it does not know the job any more");
    if (!begins) return;
    const auto first = wire::job::decode_to_host(segment.payload);
    if (!first || !std::holds_alternative<wire::job::Prepare>(*first)) return;
    if (hosted_.size() >= max_hosted) return reset(key, "it runs as many jobs as it may");
    auto other = std::get<wire::job::Prepare>(*first).primary;
    other.id = from;
    --segments_refused_;
    conversation(segment.job, other, now);
    found = streams_.find(key);
  }
  found->second.stream.on_segment(segment, now);
  receive(key, now);
  settle(now);
  tend_streams(now);
}

/// What has come in order is handed to whom it is for.
void Node::receive(const StreamKey& key, base::Time now) {
  const auto found = streams_.find(key);
  if (found == streams_.end()) return;
  if (is_here(key.job.primary)) return receive_at_primary(key, found->second, now);
  while (found->second.stream.waiting()) {
    const auto message = wire::job::decode_to_host(found->second.stream.take(now));
    if (!message) return found->second.stream.break_off("it says what makes no sense");
    if (const auto* prepare = std::get_if<wire::job::Prepare>(&*message)) {
      // Not answered in the stream: its lease may be one of this node's life before, and the primary may have heard
      // an answer then, to which it would think this one a repetition.
      if (const auto begun = prepare_part(key.job, *prepare, now); !begun) {
        reset(key, begun.error().text);
        return found->second.stream.break_off(begun.error().text);
      }
    } else if (const auto hosted = hosted_.find(key.job); hosted != hosted_.end()) {
      hosted->second.part.on_primary(*message, now);
    }
    collect(key.job);
  }
}

void Node::lose_stream(const StreamKey& key, const std::string& why, base::Time now) {
  if (!is_here(key.job.primary)) {
    if (const auto hosted = hosted_.find(key.job); hosted != hosted_.end()) {
      const auto& prepare = hosted->second.part.prepare();
      remark("job " + prepare.job + " has lost its primary " + prepare.primary.name + " (" + key.other.short_text() +
             "): " + why + "; its ranks here are ended");
      hosted->second.part.on_primary_lost(now);
      collect(key.job);
    }
    return;
  }
  const auto launcher = launcher_of(key.job);
  if (!launcher) return;
  auto& primary = primaries_.at(*launcher);
  for (std::uint32_t host = 0; host < primary.setup().hosts.size(); ++host) {
    const auto& share = primary.setup().hosts[host];
    if (share.id != key.other) continue;
    remark("job " + primary.setup().job + " has lost its host " + share.name + " (" + share.id.short_text() + "): " + why);
    primary.on_host_lost(host, why, now);
  }
  collect(*launcher);
}

void Node::lose_node(const base::NodeId& node, const std::string& why, base::Time now) {
  for (auto& [key, talk] : streams_) {
    if (key.other == node) talk.stream.break_off(why);
  }
  tend_streams(now);
}

/// Sends what streams want sent, and ends those that are done or broken.
void Node::tend_streams(base::Time now) {
  std::vector<StreamKey> ended;
  for (auto& [key, talk] : streams_) {
    if (talk.held_for) receive(key, now);
  }
  settle(now);
  for (auto& [key, talk] : streams_) {
    for (auto& segment : talk.stream.take_segments()) {
      actions_.push_back(SendToNode{talk.other, wire::node::Message(std::move(segment)), false});
    }
    if (talk.stream.broken() || (talk.closing && talk.stream.all_acknowledged())) ended.push_back(key);
  }
  for (const auto& key : ended) {
    const auto why = streams_.at(key).stream.broken();
    streams_.erase(key);
    if (peer_) peer_->overlay().unwatch(key.other);
    if (!is_here(key.job.primary)) {
      forgotten_.push_back(key.job);
      if (forgotten_.size() > max_forgotten) forgotten_.pop_front();
    }
    if (!why) continue;
    ++streams_broken_;
    lose_stream(key, *why, now);
  }
  settle(now);
  if (!ended.empty()) tend_streams(now);  // what their end made others say
}

}  // namespace zel::daemon
