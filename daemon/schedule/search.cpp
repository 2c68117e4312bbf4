#include "daemon/schedule/search.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/schedule/outcome.hpp"

namespace zel::schedule {

using wire::schedule::Claim;
using wire::schedule::Claimed;
using wire::schedule::Metric;
using wire::schedule::Offer;
using wire::schedule::Refusal;
using wire::schedule::Release;
using wire::schedule::Request;

Search::Search(SearchNumber number, SearchId id, Wanted wanted, const Config& config, base::Time now)
    : number_(number),
      id_(id),
      wanted_(std::move(wanted)),
      answers_(wanted_.cores_per_rank, config.max_answers),
      began_(now),
      // Even without patience there is one round.
      patience_(now + std::max(wanted_.wait, config.smallest_round)),
      deadline_(now),
      pause_(config.smallest_pause) {}

void Search::start(SearchContext& context, base::Time now) {
  ring_ = first_ring(wanted_, context.free_cores, context.surroundings, context.config);
  ask(context, now);
}

base::Time Search::next_deadline() const {
  if (state_ == State::over) return base::never;
  return state_ == State::claiming ? deadline_ : std::min(deadline_, patience_);
}

void Search::on_timer(SearchContext& context, base::Time now) {
  if (now < next_deadline()) return;
  if (state_ != State::claiming && now >= patience_) {
    // The last chance of who would share cores.
    if (wanted_.oversubscribe && claim(context, true, now)) return;
    return fail(context, now);
  }
  switch (state_) {
    case State::asking: return round_over(context, now);
    case State::settling:
      if (claim(context, false, now)) return;
      state_ = State::asking;  // some leases are over by now
      deadline_ = round_end_;
      if (now >= deadline_) round_over(context, now);
      return;
    case State::claiming: return resend_claims(context, now);
    case State::paused: return pause_over(context, now);
    case State::over: return;
  }
}

// To this node alone: it answers itself, at no distance, and passes the request on like any other.
void Search::ask(SearchContext& context, base::Time now) {
  state_ = State::asking;
  const bool holds = hold_end_ != base::never;
  round_end_ = deadline_ = now + (holds ? std::max(ring_.length, context.config.hold_round) : ring_.length);
  Request request;
  request.search = id_;
  request.round = round_++;
  request.seeker = context.surroundings.self();
  request.cores = wanted_.ranks * wanted_.cores_per_rank;
  request.cores_per_rank = wanted_.cores_per_rank;
  request.requirements = wanted_.requirements;
  request.metric = wanted_.metric;
  request.radius_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(ring_.radius + std::chrono::microseconds(1))
          .count());
  request.radius_us = std::min(request.radius_us, wire::schedule::max_radius_us);
  request.hops_left = ring_.hops;
  request.explain = wanted_.explain;
  if (ring_.widest && round_ > 1 && !diagnosed_ && most_ranks_ == 0) request.explain = diagnosed_ = true;
  context.actions.emplace_back(Send{request.seeker, request});
}

void Search::on_offer(SearchContext& context, const Offer& offer, base::Time now) {
  auto* answer = answers_.find(offer.host.id);
  if (answer != nullptr && state_ == State::claiming && answer->claimed != 0 && answer->lease == offer.lease)
    return;
  const bool takes_offers = state_ == State::asking || state_ == State::settling;
  const bool is_self = offer.host.id == id_.seeker;
  const auto distance = is_self ? base::Duration{} : context.surroundings.distance(offer.host);
  // What is chosen stays as it is while its claims are out.
  if (answer == nullptr || answer->claimed == 0) answer = answers_.of(offer.host, distance);
  if (!takes_offers || answer == nullptr) {
    if (answer != nullptr && answer->claimed == 0) answer->reason = "not needed: nearer nodes suffice";
    return release(context, offer.host, offer.lease);
  }
  if (answer->lease != 0 && answer->lease != offer.lease) release(context, answer->host, answer->lease);
  const std::uint32_t cores = std::min(offer.cores, wanted_.ranks * wanted_.cores_per_rank);
  answers_.hold(*answer, offer.lease, cores, now + std::chrono::milliseconds(offer.lease_ms) - distance);
  if (answers_.ranks_held() > most_ranks_) most_ranks_ = std::max(most_ranks_, answers_.live_ranks(now));
  if (state_ == State::asking) settle(context, now);
}

void Search::settle(SearchContext& context, base::Time now) {
  if (answers_.ranks_held() < wanted_.ranks || answers_.live_ranks(now) < wanted_.ranks) return;
  state_ = State::settling;
  // Who wants to know about every node waits until those in reach can have answered.
  const auto wait = wanted_.explain ? std::max(context.config.smallest_round, ring_.reach)
                                    : std::max(context.config.smallest_settle, ring_.reach / 4);
  deadline_ = std::min(round_end_, now + wait);
}

void Search::on_refusal(SearchContext& context, const Refusal& refusal) {
  const bool is_self = refusal.host.id == id_.seeker;
  auto* known = answers_.find(refusal.host.id);
  if (known != nullptr && known->lease != 0) return;  // an offer stands; the refusal is of another round
  const auto distance = is_self ? base::Duration{} : context.surroundings.distance(refusal.host);
  if (auto* answer = answers_.of(refusal.host, distance)) answer->reason = refusal.reason;
}

void Search::round_over(SearchContext& context, base::Time now) {
  if (!ring_.widest) {
    // What is held stays held: hosts asked again extend the same lease.
    ring_ = next_ring(ring_, wanted_, context.surroundings, context.config);
    return ask(context, now);
  }
  if (wanted_.oversubscribe && claim(context, true, now)) return;
  if (hold(context, now)) return ask(context, now);
  give_back(context,
            "not enough in all: " + count_of_cores(most_ranks_ * wanted_.cores_per_rank) + " offered");
  pause(context, now);
}

bool Search::claim(SearchContext& context, bool share, base::Time now) {
  chosen_ = answers_.choose(wanted_.ranks, share, now);
  if (chosen_.empty()) return false;
  for (auto* answer : answers_.held()) {
    if (answer->claimed != 0) continue;
    release(context, answer->host, answer->lease);
    answers_.drop(*answer);
    answer->reason = "not needed: nearer nodes suffice";
  }
  state_ = State::claiming;
  claims_end_ = now + context.config.claim_timeout;
  resend_claims(context, now);
  return true;
}

// A claim that was granted already is granted again, so one that may be lost is sent again.
void Search::resend_claims(SearchContext& context, base::Time now) {
  if (now >= claims_end_) {
    const auto silent =
        std::find_if(chosen_.begin(), chosen_.end(), [](const Answer* a) { return !a->granted; });
    return claim_failed(context, **silent, "did not answer the claim", now);
  }
  const auto attempts = static_cast<std::int64_t>(std::max<std::size_t>(context.config.claim_attempts, 1));
  deadline_ = std::min(claims_end_, now + context.config.claim_timeout / attempts);
  for (const auto* answer : chosen_) {
    if (answer->granted) continue;
    context.actions.emplace_back(Send{answer->host, Claim{id_, answer->lease, answer->claimed}});
  }
}

void Search::on_claimed(SearchContext& context, const base::NodeId& from, const Claimed& claimed,
                        base::Time now) {
  auto* answer = answers_.find(from);
  if (state_ != State::claiming || answer == nullptr || answer->claimed == 0 ||
      answer->lease != claimed.lease)
    return;
  if (!claimed.granted)
    return claim_failed(context, *answer, "its offer was over before it was claimed", now);
  answer->granted = true;
  if (std::all_of(chosen_.begin(), chosen_.end(), [](const Answer* a) { return a->granted; }))
    found(context, now);
}

void Search::on_peer_lost(SearchContext& context, const base::NodeId& peer, base::Time now) {
  auto* answer = answers_.find(peer);
  if (answer == nullptr || answer->lease == 0) return;
  if (state_ == State::claiming) return claim_failed(context, *answer, "the node was lost", now);
  answers_.drop(*answer);
  answer->reason = "the node was lost";
}

void Search::claim_failed(SearchContext& context, Answer& at, std::string reason, base::Time now) {
  give_back(context, "given back: " + at.host.name + " " + reason);
  at.reason = std::move(reason);
  pause(context, now);
}

void Search::give_back(SearchContext& context, const std::string& reason) {
  for (auto* answer : answers_.held()) {
    release(context, answer->host, answer->lease);
    answers_.drop(*answer);
    answer->reason = reason;
  }
  chosen_.clear();
}

void Search::release(SearchContext& context, const PeerRecord& host, LeaseNumber lease) const {
  context.actions.emplace_back(Send{host, Release{id_, lease}});
}

void Search::pause(SearchContext& context, base::Time now) {
  state_ = State::paused;
  const double part = context.random.between(0.25, 1);
  const auto pause = std::max(pause_, held_);
  ask_again_ = now + base::Duration(static_cast<std::int64_t>(part * static_cast<double>(pause.count())));
  deadline_ = std::min(ask_again_, now + context.config.pause_look);
  // Who was offered half may find the rest at any moment; who was not waits for news.
  const bool is_near = 2 * most_ranks_ >= wanted_.ranks;
  pause_ = std::min(2 * pause_, is_near ? context.config.largest_pause : context.config.longest_pause);
  hold_end_ = base::never;
  held_ = {};
  most_free_ = std::max(most_free_, free_known(context));
}

void Search::pause_over(SearchContext& context, base::Time now) {
  if (now >= ask_again_ || free_known(context) > most_free_) return ask(context, now);
  deadline_ = std::min(ask_again_, now + context.config.pause_look);
}

/// What gossip tells is old and not the whole, but where it is not more than when there was too little, there is
/// hardly enough.
std::uint64_t Search::free_known(const SearchContext& context) const {
  std::uint64_t free = context.free_cores;
  for (const auto* peer : context.surroundings.view()) free += peer->cores_free;
  return free;
}

/// Small searches pass by a large one that gives everything back each time: after a while it keeps what it has and
/// adds to it. The hold has an end and is followed by a pause, so of two that hold half each one soon goes first.
bool Search::hold(SearchContext& context, base::Time now) {
  if (hold_end_ != base::never) return now < hold_end_;
  const bool is_starved = now - began_ >= context.config.starved_after;
  if (!is_starved || 2 * answers_.live_ranks(now) < wanted_.ranks) return false;
  held_ = base::Duration(static_cast<std::int64_t>(context.random.between(0.25, 1) *
                                                   static_cast<double>(context.config.longest_hold.count())));
  hold_end_ = now + held_;
  return true;
}

void Search::cancel(SearchContext& context) {
  give_back(context, "cancelled");
  state_ = State::over;
}

void Search::found(SearchContext& context, base::Time now) {
  Found found{number_, {}, {}, summary(now)};
  for (const auto* answer : chosen_) {
    found.grants.push_back({answer->host, answer->lease, answer->claimed, answer->ranks, answer->distance});
  }
  if (wanted_.explain) found.verdicts = answers_.verdicts(context.config.max_verdicts);
  context.actions.emplace_back(std::move(found));
  state_ = State::over;
}

void Search::fail(SearchContext& context, base::Time now) {
  give_back(context,
            "not enough in all: " + count_of_cores(most_ranks_ * wanted_.cores_per_rank) + " offered");
  NotFound lost{number_, failure(now), {}, summary(now)};
  if (wanted_.explain) lost.verdicts = answers_.verdicts(context.config.max_verdicts);
  context.actions.emplace_back(std::move(lost));
  state_ = State::over;
}

std::string Search::summary(base::Time now) const {
  return summary_text(round_, answers_.size(), wanted_.metric, ring_, now - began_);
}

std::string Search::failure(base::Time now) const {
  return failure_text(wanted_, most_ranks_, answers_.size(), answers_.commonest_reason(), now - began_);
}

}  // namespace zel::schedule
