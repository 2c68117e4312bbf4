#include "tests/simulation/jobs/member.hpp"

#include <string>

#include "tests/simulation/jobs/pattern.hpp"

namespace zel::simulation::jobs {

using namespace wire::member;

namespace {

constexpr std::size_t post_bytes = 40;

std::uint64_t post_stream(std::uint32_t from, std::uint32_t to) { return 1000 + from * 5000ULL + to; }

}  // namespace

Member::Member(JobRecord& job, Book& book, std::uint32_t rank, base::Random random, Say say)
    : job_(job), book_(book), rank_(rank), random_(random), say_(std::move(say)) {}

void Member::post(std::uint32_t peer) {
  Peer& to = peers_[peer];
  if (to.posted_bytes - to.credited_bytes + post_overhead_bytes + post_bytes > post_window_bytes) return;
  Post message;
  message.peer = peer;
  message.tag = to.posted++;
  message.payload = piece_of(post_stream(rank_, peer), message.tag, post_bytes);
  to.posted_bytes += post_overhead_bytes + post_bytes;
  say_(std::move(message));
}

bool Member::act() {
  if (left_) return false;
  if (!said_hello_) {
    said_hello_ = true;
    ++requests_;
    say_(Hello{});
    return true;
  }
  if (!welcome_) return true;
  const auto some_rank = [this] { return static_cast<std::uint32_t>(random_.below(job_.submit.ranks)); };
  const double what = random_.unit();
  if (what < 0.25) {
    ++requests_;
    say_(Elect{"election " + std::to_string(random_.below(4))});
  } else if (what < 0.4) {
    ++requests_;
    say_(SignalMembers{"signal", {some_rank(), some_rank()}});
  } else if (what < 0.9) {
    const std::uint32_t peer = some_rank();
    for (std::size_t count = 1 + random_.below(5); count > 0 && !local_.contains(peer); --count) post(peer);
  } else if (what < 0.93) {
    ++requests_;
    say_(Terminate{});
  } else if (what < 0.97) {
    left_ = true;
    ++requests_;
    say_(Leave{});
  }
  return true;
}

void Member::on_message(const ToMember& message) {
  const std::string who = "rank " + std::to_string(rank_) + " of " + name_of(job_.id);
  if (const auto* welcome = std::get_if<Welcome>(&message)) {
    if (std::exchange(welcome_, true) || !said_hello_) throw Violation(who + " is welcomed out of turn");
    if (welcome->rank != rank_ || welcome->size != job_.submit.ranks) throw Violation(who + " is welcomed as another");
    local_.insert(welcome->local_ranks.begin(), welcome->local_ranks.end());
  } else if (const auto* news = std::get_if<Events>(&message)) {
    if (!welcome_) throw Violation(who + " hears of events before its welcome");
    book_.on_events(job_, rank_, last_event_, news->events);
  } else if (std::holds_alternative<Refused>(message)) {
    if (requests_-- == 0) throw Violation(who + " is refused more than it asked for");
  } else if (const auto* post = std::get_if<Post>(&message)) {
    if (!welcome_) throw Violation(who + " hears a post before its welcome");
    Peer& from = peers_[post->peer];
    if (post->tag != from.heard || !belongs_at(post_stream(post->peer, rank_), post->tag, post->payload)) {
      throw Violation(who + ": post " + std::to_string(post->tag) + " of rank " + std::to_string(post->peer) +
                      " came instead of " + std::to_string(from.heard));
    }
    ++from.heard;
    if (!left_) say_(PostCredit{post->peer, static_cast<std::uint32_t>(post_overhead_bytes + post->payload.size())});
  } else if (const auto* credit = std::get_if<PostCredit>(&message)) {
    Peer& to = peers_[credit->peer];
    to.credited_bytes += credit->bytes;
    if (to.credited_bytes > to.posted_bytes) throw Violation(who + " gets more credit than it used");
  }
}

}  // namespace zel::simulation::jobs
