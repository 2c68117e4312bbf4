#include "daemon/io/peer_link.hpp"

#include <algorithm>

namespace zel::io {

namespace {

constexpr std::size_t max_visits = 8;  // of one peer: its addresses, and some that are about to be found gone
constexpr std::size_t max_leaving = 8;

}  // namespace

PeerLink::PeerLink(LinkGround& ground, const base::NodeId& peer, Owner& owner)
    : ground_(ground), peer_(peer), owner_(owner), queue_(ground.limits(), ground.queued_bytes) {}

std::string PeerLink::who() const {
  return peer_.is_nobody() ? "a bootstrap address" : "node " + peer_.short_text();
}

void PeerLink::send(base::Bytes payload, Delivery delivery,
                    const std::vector<wire::overlay::Address>& addresses) {
  const std::size_t size = payload.size();
  if (size > ground_.limits().message_bytes) {
    const std::string text = "a message of " + std::to_string(size) + " bytes is over the limit of " +
                             std::to_string(ground_.limits().message_bytes);
    ground_.count(LinkCount::too_large, text + "; it was to go to " + who());
    if (delivery == Delivery::must_arrive) owner_.on_peer_unreachable(peer_, text);
    return;
  }
  if (gives_rest(addresses)) {
    const std::string text = "it was not reached, and is not tried again yet";
    ground_.count(LinkCount::unreached, "a message to " + who() + " was not sent: " + text);
    if (delivery == Delivery::must_arrive) owner_.on_peer_unreachable(peer_, text);
    return;
  }
  switch (queue_.put(std::move(payload), delivery)) {
    case LinkQueue::Put::taken: break;
    case LinkQueue::Put::dropped:
      return ground_.count(LinkCount::dropped, "a message to " + who() + " was dropped: its queue is full");
    case LinkQueue::Put::overflowed:
      drop_path();
      return give_up(LinkCount::overflowed, "it does not take what is sent: " +
                                                std::to_string(queue_.bytes() >> 10) + " KiB are waiting");
  }
  crowded_ = crowded_ || queue_.bytes() > ground_.limits().crowded_bytes;
  addresses_ = addresses;
  flush();
  dial_if_waiting();
}

void PeerLink::dial_at(const std::vector<wire::overlay::Address>& addresses) {
  if (has_path() || !attempts_.empty() || gives_rest(addresses)) return;
  addresses_ = addresses;
  dial();
}

void PeerLink::bury(std::unique_ptr<Dialler> dialler) {
  // What its socket still says in this turn of the loop is too late.
  if (dialler) dialler->mute();
  ground_.bury(std::move(dialler));
}

bool PeerLink::gives_rest(const std::vector<wire::overlay::Address>& addresses) const {
  return rests() && addresses == addresses_;
}

void PeerLink::reached() {
  rest_ = {};
  redial_at_ = base::Time::min();
}

void PeerLink::dial_if_waiting() {
  if (!queue_.empty() && !has_path() && attempts_.empty()) dial();
}

void PeerLink::dial() {
  if (addresses_.empty()) return give_up(LinkCount::unanswered, "it has no link to here and no address");
  const std::size_t count = std::min(addresses_.size(), wire::overlay::max_addresses);
  if (!owner_.make_room(count)) return give_up(LinkCount::full, "too many links are in use");
  deadline_ = ground_.loop.now() + ground_.limits().connect;
  for (std::size_t i = 0; i < count; ++i) {
    if (!wire::overlay::valid(addresses_[i])) continue;
    try {
      attempts_.push_back(std::make_unique<Dialler>(ground_, addresses_[i], *this));
    } catch (const zmq::error_t& error) {
      ground_.count(LinkCount::full, std::string("no socket for another link: ") + error.what());
    }
  }
  if (attempts_.empty()) give_up(LinkCount::unanswered, "none of its addresses can be used");
}

std::unique_ptr<Dialler> PeerLink::take_attempt(const Dialler& dialler) {
  const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                  [&](const auto& attempt) { return attempt.get() == &dialler; });
  if (found == attempts_.end()) return nullptr;
  auto taken = std::move(*found);
  attempts_.erase(found);
  return taken;
}

void PeerLink::on_proved(Dialler& dialler) {
  auto taken = take_attempt(dialler);
  if (!taken) return;
  const base::NodeId& self = ground_.setup.keys.id;
  if (taken->peer() == self || (!peer_.is_nobody() && taken->peer() != peer_)) {
    const std::string text = taken->peer() == self
                                 ? "that address is this node's own"
                                 : "at its address node " + taken->peer().short_text() + " answered";
    ground_.count(LinkCount::wrong_identity, "looking for " + who() + ": " + text);
    bury(std::move(taken));
    if (attempts_.empty() && !has_path()) give_up(LinkCount::unanswered, text);
    return;
  }
  for (auto& attempt : std::exchange(attempts_, {})) bury(std::move(attempt));
  deadline_ = base::never;
  if (peer_.is_nobody()) return owner_.on_stranger(*this, std::move(taken), queue_);
  adopt(std::move(taken));
}

void PeerLink::adopt(std::unique_ptr<Dialler> dialler) {
  if (dialled_)
    return bury(std::move(dialler));  // one is enough; that it was not settled, its peer sees
  reached();
  dialled_ = std::move(dialler);
  dialled_used_ = ground_.loop.now();
  dialled_->set_owner(*this);
  dialled_->settle();
  flush();
}

void PeerLink::on_payload(Dialler&, base::ByteView payload) {
  dialled_used_ = ground_.loop.now();
  owner_.on_peer_payload(peer_, payload);
}

void PeerLink::on_writable(Dialler&) { flush(); }

void PeerLink::on_closed(Dialler& dialler, const std::string& why) {
  if (auto attempt = take_attempt(dialler)) {
    const std::string where = attempt->address().host + ":" + std::to_string(attempt->address().port);
    bury(std::move(attempt));
    if (attempts_.empty() && !has_path()) give_up(LinkCount::unanswered, where + ": " + why);
    return;
  }
  if (dialled_.get() == &dialler) {
    const bool in_use = path_ == Path::dialled;
    bury(std::move(dialled_));
    if (in_use) path_broke(why);
    return;
  }
  const auto left = std::find_if(leaving_.begin(), leaving_.end(),
                                 [&](const auto& entry) { return entry.first.get() == &dialler; });
  if (left == leaving_.end()) return;
  bury(std::move(left->first));
  leaving_.erase(left);
}

void PeerLink::on_visit(LinkDoor& door, const std::string& route) {
  if (visits_.size() >= max_visits) {
    // The oldest that is not in use: its peer has made seven since.
    const auto oldest = visits_.begin() + (path_ == Path::visit ? 1 : 0);
    oldest->door->turn_out(oldest->route);
    visits_.erase(oldest);
  }
  reached();
  visits_.push_back({&door, route});
  flush();
}

void PeerLink::on_visit_gone(LinkDoor& door, const std::string& route, const std::string& why) {
  const auto found = std::find_if(visits_.begin(), visits_.end(), [&](const Visit& visit) {
    return visit.door == &door && visit.route == route;
  });
  if (found == visits_.end()) return;
  const bool in_use = path_ == Path::visit && found == visits_.begin();
  visits_.erase(found);
  if (!in_use) return;
  if (!why.empty()) return path_broke(why);
  path_ = Path::none;  // it said goodbye: it reads all that was sent before it goes
  flush();
  dial_if_waiting();
}

bool PeerLink::choose_path() {
  if (path_ != Path::none) return true;
  path_used_ = false;
  path_ = dialled_ ? Path::dialled : !visits_.empty() ? Path::visit : Path::none;
  return path_ != Path::none;
}

Sent PeerLink::send_by_path(base::ByteView payload) {
  if (path_ == Path::visit) return visits_.front().door->send(visits_.front().route, payload);
  const Sent sent = dialled_->send(payload);
  if (sent == Sent::taken) dialled_used_ = ground_.loop.now();
  return sent;
}

void PeerLink::flush() {
  while (!queue_.empty() && choose_path()) {
    const Sent sent = send_by_path(queue_.front());
    if (sent == Sent::full) break;
    if (sent == Sent::no_route) {
      const bool used = path_used_;
      drop_path();
      if (used) return give_up(LinkCount::broken, "the connection ended");
      continue;
    }
    path_used_ = true;
    queue_.pop();
  }
  if (!crowded_ || queue_.bytes() > ground_.limits().crowded_bytes / 2) return;
  crowded_ = false;
  owner_.on_peer_room(peer_);
}

void PeerLink::drop_path() {
  if (path_ == Path::visit && !visits_.empty()) {
    visits_.front().door->forget(visits_.front().route);
    visits_.erase(visits_.begin());
  } else if (path_ == Path::dialled) {
    bury(std::move(dialled_));
  }
  path_ = Path::none;
}

void PeerLink::path_broke(const std::string& why) {
  path_ = Path::none;
  if (std::exchange(path_used_, false)) return give_up(LinkCount::broken, why);
  flush();
  dial_if_waiting();
}

void PeerLink::give_up(LinkCount kind, const std::string& why) {
  ground_.count(kind, "no link to " + who() + ": " + why);
  for (auto& attempt : std::exchange(attempts_, {})) bury(std::move(attempt));
  deadline_ = base::never;
  queue_.clear();
  if (kind == LinkCount::unanswered && !peer_.is_nobody()) {
    const LinkLimits& limits = ground_.limits();
    rest_ = std::min(std::max(2 * rest_, limits.first_redial), limits.last_redial);
    redial_at_ = ground_.loop.now() + rest_;
  }
  owner_.on_peer_unreachable(peer_, why);
}

void PeerLink::close_dialled() {
  if (!dialled_ || leaving_.size() >= max_leaving) return;
  if (path_ == Path::dialled) path_ = Path::none;
  leaving_.emplace_back(std::move(dialled_), ground_.loop.now() + ground_.limits().connect);
  leaving_.back().first->close_gently();
}

bool PeerLink::tick(base::Time now) {
  if (now >= deadline_ && !attempts_.empty()) {
    const std::string text =
        "nobody answered within " + std::to_string(base::seconds(ground_.limits().connect)) + " s";
    if (has_path()) {
      for (auto& attempt : std::exchange(attempts_, {})) bury(std::move(attempt));
    } else {
      give_up(LinkCount::unanswered, text);
    }
  }
  if (dialled_ && queue_.empty() && now - dialled_used_ >= ground_.limits().idle) close_dialled();
  std::erase_if(leaving_, [&](auto& entry) {
    if (now < entry.second) return false;
    bury(std::move(entry.first));
    return true;
  });
  return !attempts_.empty() || !leaving_.empty();
}

}  // namespace zel::io
