// Why: see ladder.hpp.
#include "libzel/net/ladder.hpp"

#include <algorithm>

namespace zel::net {

using namespace std::chrono_literals;
using wire::paths::DialMe;
using wire::paths::Meet;
using wire::paths::Met;
using wire::paths::NotReached;

namespace {

constexpr base::Duration dial_limit = 1s;
constexpr base::Duration meet_limit = 2s;
constexpr base::Duration first_wait = 1s;
constexpr base::Duration longest_wait = 5min;
constexpr base::Duration good_life = 10s;

std::string shortened(std::string text) {
  if (text.size() > wire::paths::max_reason_bytes) text.resize(wire::paths::max_reason_bytes);
  return text;
}

}  // namespace

const char* name_of(Rung rung) {
  constexpr std::array names{"direct", "reverse", "meet", "nodes"};
  return names[static_cast<std::size_t>(rung)];
}

Ladder::Pair* Ladder::find(int rank) {
  const auto found = pairs_.find(rank);
  return found == pairs_.end() ? nullptr : &found->second;
}
const Ladder::Pair* Ladder::find(int rank) const { return const_cast<Ladder*>(this)->find(rank); }

const Climb* Ladder::climb(int rank) const {
  const Pair* pair = find(rank);
  return pair ? &pair->climb : nullptr;
}

std::uint16_t Ladder::a_port() { return static_cast<std::uint16_t>(49152 + random_.below(65535 - 49152)); }

void Ladder::on_contacts(int rank, const std::string& host, base::Time now) {
  Pair& pair = pairs_[rank];
  pair.host = host;
  pair.wait = first_wait;
  pair.climb.begun = now;
  if (leads(rank)) begin(rank, pair, now);
}

void Ladder::on_no_contact(int rank, std::string why) {
  Pair& pair = pairs_[rank];
  pair.deadline = base::never;
  pair.climb.why_not.fill(shortened(std::move(why)));
}

void Ladder::begin(int rank, Pair& pair, base::Time now) {
  pair.left = {Rung::meet, Rung::reverse, Rung::direct};
  if (const auto known = worked_.find(pair.host); known != worked_.end()) {
    const auto at = std::find(pair.left.begin(), pair.left.end(), known->second);
    std::rotate(at, at + 1, pair.left.end());
  }
  step(rank, pair, now);
}

void Ladder::step(int rank, Pair& pair, base::Time now) {
  if (pair.left.empty()) return rest(pair, now);
  pair.step = pair.left.back();
  pair.left.pop_back();
  pair.link = random_();
  switch (pair.step) {
    case Rung::direct:
      pair.state = State::direct;
      pair.deadline = now + dial_limit;
      actions_.push_back(Dial{rank, pair.link});
      break;
    case Rung::reverse:
      pair.state = State::reverse;
      pair.deadline = now + dial_limit + 2 * pair.round_trip;
      actions_.push_back(Say{rank, DialMe{pair.link}});
      break;
    case Rung::meet:
      pair.state = State::meet;
      pair.deadline = now + meet_limit + 2 * pair.round_trip;
      pair.own_port = a_port();
      actions_.push_back(Say{rank, Meet{pair.link, pair.own_port}});
      break;
    case Rung::nodes: break;
  }
}

void Ladder::rest(Pair& pair, base::Time now) {
  pair.state = State::nodes;
  pair.link = 0;
  pair.deadline = now + std::chrono::duration_cast<base::Duration>(pair.wait * random_.between(0.75, 1.25));
  pair.wait = std::min(2 * pair.wait, longest_wait);
}

/// The present step leads to nothing.
void Ladder::fail(int rank, Pair& pair, std::string why, base::Time now) {
  pair.climb.why_not[static_cast<std::size_t>(pair.step)] = shortened(std::move(why));
  actions_.push_back(Abandon{rank, pair.link});
  if (const auto known = worked_.find(pair.host); known != worked_.end() && known->second == pair.step) worked_.erase(known);
  step(rank, pair, now);
}

bool Ladder::wants(int rank, std::uint64_t link) const {
  const Pair* pair = find(rank);
  if (!pair || pair->state == State::linked) return false;
  return !leads(rank) || (pair->state != State::nodes && pair->link == link);
}

void Ladder::on_linked(int rank, std::uint64_t link, base::Time now) {
  Pair& pair = pairs_[rank];
  // Whoever follows learns which rung it is by what it was told to do; it was told nothing for the first.
  if (!leads(rank) && pair.link != link) pair.step = Rung::direct;
  pair.state = State::linked;
  pair.link = link;
  pair.deadline = base::never;
  pair.climb.now = pair.step;
  pair.climb.linked = now;
  if (leads(rank)) worked_[pair.host] = pair.step;
}

void Ladder::on_lost(int rank, std::uint64_t link, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || pair->state != State::linked || pair->link != link) return;
  pair->climb.why_not[static_cast<std::size_t>(pair->step)] = "the connection broke";
  pair->climb.now = Rung::nodes;
  pair->left.clear();
  if (now - pair->climb.linked >= good_life) pair->wait = first_wait;
  if (leads(rank)) return rest(*pair, now);
  pair->state = State::nodes;
  pair->link = 0;
}

void Ladder::on_dial_failed(int rank, std::uint64_t link, const std::string& why, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || pair->link != link || pair->state == State::linked) return;
  if (leads(rank)) {
    if (pair->state == State::direct || pair->state == State::meeting) fail(rank, *pair, why, now);
    return;
  }
  if (pair->step == Rung::reverse) actions_.push_back(Say{rank, NotReached{link, shortened(why)}});
  pair->state = State::nodes;
  pair->link = 0;
  pair->deadline = base::never;
}

void Ladder::on_word(int rank, const DialMe& word, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || leads(rank) || pair->state == State::linked) return;
  pair->state = State::told;
  pair->step = Rung::reverse;
  pair->link = word.link;
  pair->deadline = now + dial_limit;
  actions_.push_back(Dial{rank, word.link});
}

void Ladder::on_word(int rank, const NotReached& word, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || pair->state != State::reverse || pair->link != word.link) return;
  fail(rank, *pair, word.why, now);
}

void Ladder::on_word(int rank, const Meet& word, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || leads(rank) || pair->state == State::linked) return;
  pair->state = State::told;
  pair->step = Rung::meet;
  pair->link = word.link;
  pair->deadline = now + meet_limit;
  const std::uint16_t own_port = a_port();
  actions_.push_back(Say{rank, Met{word.link, own_port}});
  actions_.push_back(DialMeeting{rank, word.link, own_port, word.port, true});
}

void Ladder::on_word(int rank, const Met& word, base::Time now) {
  Pair* pair = find(rank);
  if (!pair || pair->state != State::meet || pair->link != word.link) return;
  // The other connects when its word leaves, this one when that was half a round trip ago: at once. Its first
  // packet is on the way now, and opens the way on this side for those that follow.
  pair->state = State::meeting;
  pair->port = word.port;
  pair->deadline = now + meet_limit;
  actions_.push_back(DialMeeting{rank, word.link, pair->own_port, word.port, false});
}

void Ladder::on_gone(int rank) { pairs_.erase(rank); }

void Ladder::on_round_trip(int rank, base::Duration time) {
  pairs_[rank].round_trip = std::clamp<base::Duration>(time, 1ms, 5s);
}

void Ladder::on_timer(base::Time now) {
  for (auto& [rank, pair] : pairs_) {
    if (pair.deadline > now) continue;
    switch (pair.state) {
      case State::nodes: begin(rank, pair, now); break;
      case State::direct: fail(rank, pair, "no answer in time", now); break;
      case State::reverse: fail(rank, pair, "it was asked to connect here, and no connection came", now); break;
      case State::meet:
      case State::meeting: fail(rank, pair, "no connection came of a simultaneous open", now); break;
      case State::told:
        actions_.push_back(Abandon{rank, pair.link});
        on_dial_failed(rank, pair.link, "no answer in time", now);
        break;
      case State::linked: pair.deadline = base::never; break;
    }
  }
}

base::Time Ladder::next_deadline() const {
  base::Time next = base::never;
  for (const auto& [rank, pair] : pairs_) next = std::min(next, pair.deadline);
  return next;
}

}  // namespace zel::net
