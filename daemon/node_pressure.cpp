// Why: ranks post faster than a link carries, and nobody may keep what they post without bound. A host whose stream
// to the primary is congested does not read its members; the primary does not take from one host what is for
// another whose stream is congested. A host takes whatever comes, always: so what is held is let go in the end
// (docs/protocol/job.md).
#include "daemon/node.hpp"

namespace zel::daemon {

bool Node::congested(const JobId& job, const base::NodeId& host) const {
  const auto talk = streams_.find({job, host});
  return talk != streams_.end() && talk->second.stream.congested();
}

/// The host a post goes to. Credits and requests are small, and as many as what they answer: they pass.
std::optional<base::NodeId> Node::host_of_post(const JobId& job, const wire::job::ToPrimary& message) const {
  const auto* said = std::get_if<wire::job::MemberSaid>(&message);
  const auto* post = said ? std::get_if<wire::member::Post>(&said->request) : nullptr;
  const auto launcher = post ? launcher_of(job) : std::nullopt;
  if (!launcher) return std::nullopt;
  return primaries_.at(*launcher).host_id_of(post->peer);
}

/// What has come from a host, up to the first post for another that is congested.
void Node::receive_at_primary(const StreamKey& key, Conversation& talk, base::Time now) {
  if (talk.held_for && congested(key.job, *talk.held_for)) return;
  talk.held_for.reset();
  while (const auto* payload = talk.stream.waiting()) {
    auto message = wire::job::decode_to_primary(*payload);
    if (!message) return talk.stream.break_off("it says what makes no sense");
    const auto host = host_of_post(key.job, *message);
    if (host && congested(key.job, *host)) {
      talk.held_for = host;
      return;
    }
    talk.stream.take(now);
    mail_.push_back(MailToPrimary{key.job, key.other, std::move(*message)});
    if (host) settle(now);  // the next may find it congested
  }
}

/// Members of the primary's own host are held for any host: the next they post may be for that one.
void Node::hold_members() {
  for (auto& [id, hosted] : hosted_) {
    bool held = false;
    for (auto talk = streams_.lower_bound({id, {}}); talk != streams_.end() && talk->first.job == id; ++talk) {
      held = held || talk->second.stream.congested();
    }
    if (held == std::exchange(hosted.members_held, held)) continue;
    actions_.push_back(AtHost{id, job::HoldMembers{held}});
  }
}

std::size_t Node::queued_bytes() const {
  std::size_t bytes = 0;
  for (const auto& entry : streams_) bytes += entry.second.stream.queued_bytes();
  return bytes;
}

}  // namespace zel::daemon
