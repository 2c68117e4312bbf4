// Why: see progress.hpp.
#include "libzel/message/progress.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace zel::message {

Progress::Progress(int rank, int size, const net::Patience& patience, std::unique_ptr<net::Reach> reach)
    : rank_(rank),
      size_(size),
      patience_(patience),
      reach_(std::move(reach)),
      doorbell_(reach_ && reach_->shared() ? reach_->shared()->doorbell() : net::Doorbell(own_doorbell_)),
      intake_(size),
      outbox_(size, reach_.get()),
      fates_(static_cast<std::size_t>(size)) {
  if (reach_) reach_->set_wake([this] { wake(); });
}

void Progress::look_at(int from) {
  if (!reach_) return;
  reach_->pump();
  if (net::Reader* reader = reach_->reader(from)) {
    note(*reader, drain(*reader, false));
  } else {
    look_around();
  }
}

void Progress::look_closely_at(int from, bool thorough) {
  if (thorough) {
    hear_departures();
    if (!outbox_.empty()) outbox_.push();
  }
  look_at(from);
  if (!unsettled_.empty()) settle_departed();
}

void Progress::look_around() {
  hear_departures();
  if (!reach_) return;
  reach_->pump();
  if (!outbox_.empty()) outbox_.push();
  reach_->accept_newcomers(newcomers_damaged_);
  while (!newcomers_damaged_.empty()) {
    const int from = newcomers_damaged_.back();
    newcomers_damaged_.pop_back();
    if (!gone(from)) refuse_damaged(from);
  }
  held_from_ = -1;
  left_over_ = true;  // until every ring was looked into: an exception must not make us forget the rest
  bool more = false;
  const auto& readers = reach_->readers();
  for (std::size_t looked = 0; looked < readers.size(); ++looked) {
    if (++turn_ >= readers.size()) turn_ = 0;
    const Drained drained = drain(*readers[turn_], false);
    note(*readers[turn_], drained);
    more = more || drained == Drained::stopped || drained == Drained::held;
    if (intake_.watched_over()) return;
  }
  left_over_ = more;
  if (!unsettled_.empty()) settle_departed();
  if (intake_.waiting(detail::Context::word) != 0 && hear_words_) hear_words_();
}

void Progress::look_if_pending() {
  if (!maybe_pending()) return;
  doorbell_.clear();
  look_around();
}

void Progress::note(net::Reader& reader, Drained drained) {
  if (drained == Drained::damaged && !gone(reader.from())) refuse_damaged(reader.from());
  if (drained == Drained::held) held_from_ = reader.from();
  // What is held shows no more in the doorbell, and its sender rings no second time.
  if (drained == Drained::stopped || drained == Drained::held) left_over_ = true;
}

Progress::Drained Progress::drain(net::Reader& reader, bool beyond_limit) {
  constexpr int records_per_look = 256;  // so that one busy sender cannot keep us from the others
  const int from = reader.from();
  net::Record record;
  for (int taken = 0; taken < records_per_look; ++taken) {
    const auto found = reader.look(record);
    if (found == net::Reader::Look::empty) return Drained::empty;
    if (found == net::Reader::Look::damaged) return Drained::damaged;
    try {
      switch (intake_.take(from, record, beyond_limit)) {
        case Intake::Taken::yes: break;
        case Intake::Taken::held: return Drained::held;
        case Intake::Taken::damaged: return Drained::damaged;
      }
    } catch (const std::bad_alloc&) {
      throw Error(Errc::system, "no memory for a message of " + std::to_string(record.total_bytes) +
                                    " bytes from rank " + std::to_string(from) + ": send it in parts", from);
    }
    if (reader.pop()) reach_->ring(from);
    // What comes next may go straight to the next receive.
    if (intake_.watched_over()) return Drained::stopped;
  }
  return Drained::stopped;
}

void Progress::hear_departures() {
  if (!departures_.any()) return;
  Departures::News news = departures_.take();
  if (news.node && !node_cause_) node_cause_ = std::move(news.node);
  for (auto& member : news.members) {
    const int rank = member.rank;
    if (rank < 0 || rank >= size_ || rank == rank_ || gone(rank)) continue;
    member_is_gone(rank, {Errc::member_lost, "rank " + std::to_string(rank) + " is gone: " + member.cause, member.in_order});
    unsettled_.push_back(rank);
  }
}

void Progress::member_is_gone(int rank, Fate fate) {
  outbox_.fail(rank, fate.code, fate.text);
  fates_[static_cast<std::size_t>(rank)] = std::move(fate);
  gone_ranks_.push_back(rank);
}

/// Takes in all that the gone have sent completely, also beyond the limit: it is a ring's content at most.
void Progress::settle_departed() {
  // A ring made just before its sender died has not been met yet.
  reach_->accept_newcomers(newcomers_damaged_);
  std::erase_if(unsettled_, [this](int rank) {
    net::Reader* reader = reach_->reader(rank);
    const Drained drained = reader ? drain(*reader, true) : Drained::empty;
    if (drained == Drained::stopped || (drained == Drained::empty && reader && !reader->finished())) {
      left_over_ = true;
      return false;
    }
    intake_.drop_incomplete(rank);
    reach_->retire(rank);
    return true;
  });
}

/// A rank that writes nonsense is cut off, once and for all, and nobody else is.
void Progress::refuse_damaged(int from) {
  member_is_gone(from, {Errc::malformed, "what rank " + std::to_string(from) +
                                             " sent here is damaged; nothing more is taken from it: look for "
                                             "stray writes to memory in it"});
  intake_.drop_incomplete(from);
  if (net::Reader* reader = reach_->reader(from)) reader->refuse();
  throw_fate(from);
}

void Progress::throw_fate(int rank) const {
  const Fate& fate = *fates_[static_cast<std::size_t>(rank)];
  throw Error(fate.code, fate.text, rank);
}

void Progress::check_node() const {
  if (node_cause_) throw Error(Errc::node_lost, "this rank's node is gone: " + *node_cause_);
}

void Progress::check_wait() const {
  check_node();
  if (held_from_ < 0) return;
  throw Error(Errc::limit_reached,
              "more than " + std::to_string(max_unreceived_bytes >> 20) + " MiB from rank " +
                  std::to_string(held_from_) + " lie unreceived here: receive them before waiting for anything else",
              held_from_);
}

bool Progress::settled(int rank) const {
  return std::find(unsettled_.begin(), unsettled_.end(), rank) == unsettled_.end();
}

void Progress::check_member(int rank) const {
  if (gone(rank) && settled(rank)) throw_fate(rank);
}

void Progress::check_anybody() const {
  if (static_cast<int>(gone_ranks_.size()) < size_ - 1 || !unsettled_.empty()) return;
  if (gone_ranks_.empty()) throw Error(Errc::usage, "nobody else is in this job, and nothing was sent here: this would wait for ever");
  throw Error(Errc::member_lost, "all other ranks are gone; the last: " +
                                     fates_[static_cast<std::size_t>(gone_ranks_.back())]->text, gone_ranks_.back());
}

}  // namespace zel::message
