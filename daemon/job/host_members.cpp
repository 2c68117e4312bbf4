// The members of a job on one host: what they ask goes to the primary, what it logs is told to each once.
#include <algorithm>

#include "daemon/job/host_job.hpp"

namespace zel::job {

using namespace wire::member;

base::Result<void> HostJob::on_member(std::uint32_t rank, const ToNode& message) {
  if (!find(rank)) return {};
  if (const auto* post = std::get_if<Post>(&message)) {
    if (post->payload.size() > max_post_bytes || post->peer >= prepare_.size) {
      return base::fail(base::Errc::bad_message, "a post beyond its limits");
    }
    if (find(post->peer)) return {};  // it has shared memory for that
  } else if (const auto* credit = std::get_if<PostCredit>(&message)) {
    if (credit->peer >= prepare_.size) return base::fail(base::Errc::bad_message, "credit for no rank");
    if (find(credit->peer)) return {};
  } else if (const auto* elect = std::get_if<Elect>(&message); elect && elect->name.size() > max_name_bytes) {
    // The primary would say no; it need not be troubled with it.
    actions_.push_back(ToMember{rank, Refused{"the name of an election has 1 to 256 bytes"}});
    return {};
  }
  say(wire::job::MemberSaid{rank, message});
  return {};
}

void HostJob::admit(std::uint32_t rank) {
  Rank* member = find(rank);
  if (!member || member->connected || member->ended) return;
  Welcome welcome;
  welcome.job = prepare_.job;
  welcome.node = setup_.host;
  welcome.rank = rank;
  welcome.size = prepare_.size;
  welcome.local_ranks = prepare_.ranks;
  welcome.local_size = static_cast<std::uint32_t>(prepare_.ranks.size());
  const auto place = std::lower_bound(prepare_.ranks.begin(), prepare_.ranks.end(), rank);
  welcome.local_rank = static_cast<std::uint32_t>(place - prepare_.ranks.begin());
  welcome.cores = setup_.cores;
  welcome.addresses = setup_.addresses;
  // By the ranks of the whole job: they are known by their global numbers in it.
  welcome.segment_bytes = segment_bytes(prepare_.size);
  member->connected = true;
  actions_.push_back(ToMember{rank, std::move(welcome)});
  for (auto& early : std::exchange(member->early, {})) actions_.push_back(ToMember{rank, std::move(early)});
}

void HostJob::tell_member(std::uint32_t rank, const wire::member::ToMember& message) {
  Rank* member = find(rank);
  if (!member || member->ended) return;
  if (std::holds_alternative<Welcome>(message) || std::holds_alternative<Events>(message)) return;  // not the primary's
  if (member->connected || std::holds_alternative<Refused>(message)) {
    actions_.push_back(ToMember{rank, message});
    return;
  }
  if (member->told > 0) return;  // it was a member once
  // It has not joined yet, and hears nothing before its welcome.
  const auto* post = std::get_if<Post>(&message);
  const std::size_t bytes = post_overhead_bytes + (post ? post->payload.size() : 0);
  if (member->early_bytes + bytes > std::size_t{prepare_.size} * post_window_bytes) return;
  member->early_bytes += bytes;
  member->early.push_back(message);
}

void HostJob::publish() {
  for (auto& [rank, member] : ranks_) {
    if (!member.connected || member.told == log_.size()) continue;
    Events news{{log_.begin() + static_cast<std::ptrdiff_t>(member.told), log_.end()}};
    member.told = log_.size();
    // A signal is the business of those it is for.
    std::erase_if(news.events, [rank = rank](const Event& event) {
      return event.kind == EventKind::signalled && std::find(event.to.begin(), event.to.end(), rank) == event.to.end();
    });
    if (!news.events.empty()) actions_.push_back(ToMember{rank, std::move(news)});
  }
}

}  // namespace zel::job
