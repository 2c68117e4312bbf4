// Why: see far.hpp. The links, and how they come to be.
#include <algorithm>

#include "libzel/net/far.hpp"

namespace zel::net {

using wire::paths::Contact;

FrameHeader Far::about(const FarPeer& peer, FrameType type, std::uint64_t link) const {
  FrameHeader header;
  header.type = type;
  header.tag = static_cast<std::uint32_t>(peer.rank_);
  header.number = link;
  header.received = peer.stream_.received();
  header.taken = peer.stream_.taken();
  return header;
}

// ---- getting to know one another ---------------------------------------------------------------------

void Far::want_link(FarPeer& peer) {
  if (std::exchange(peer.wants_link_, true) || setup_.addresses.empty() || peer.gone_) return;
  to_introduce_.push_back(peer.rank_);
  bell_.start();
}

void Far::introduce(FarPeer& peer) {
  if (peer.gone_) return;
  Contact contact;
  contact.host = setup_.host;
  contact.has_yours = peer.contact_.has_value();
  if (driver_) {
    contact.key = driver_->key();
    contact.port = driver_->port();
    contact.addresses = setup_.addresses;
    contact.outside = setup_.outside;
    contact.shut = setup_.shut;
    if (peer.contact_) driver_->admit(peer.rank_, peer.contact_->key);
  } else {
    contact.why = no_driver_;
    ladder_.on_no_contact(peer.rank_, no_driver_);
  }
  peer.contact_sent_ = std::chrono::steady_clock::now();
  say(peer, contact);
  // Whoever follows is called, and needs to know no more than this.
  if (driver_ && peer.contact_ && !leads(peer.rank_)) ladder_.on_contacts(peer.rank_, ground_to(peer), peer.contact_sent_);
}

void Far::on_contact(FarPeer& peer, Contact&& contact) {
  const base::Time now = std::chrono::steady_clock::now();
  if (contact.addresses.empty()) {
    ladder_.on_no_contact(peer.rank_, "rank " + std::to_string(peer.rank_) + " takes no links: " + contact.why);
    return;
  }
  if (setup_.addresses.empty()) {
    Contact none;
    none.host = setup_.host;
    none.why = no_links;
    none.has_yours = true;
    say(peer, none);
    return;
  }
  const bool begins = leads(peer.rank_) && contact.has_yours && ladder_.climb(peer.rank_) == nullptr;
  if (!peer.contact_) {
    peer.contact_ = std::move(contact);
    if (driver_) driver_->admit(peer.rank_, peer.contact_->key);
    // A follower answers what it heard; a leader only if it has not called already.
    if (!leads(peer.rank_)) peer.wants_link_ = false;
    want_link(peer);
  }
  if (!begins || !driver_) return;
  ladder_.on_round_trip(peer.rank_, now - peer.contact_sent_);
  ladder_.on_contacts(peer.rank_, ground_to(peer), now);
}

Ground Far::ground_to(const FarPeer& peer) const {
  const auto& theirs = peer.contact_->outside;
  const bool together = std::any_of(setup_.outside.begin(), setup_.outside.end(), [&](const std::string& ours) {
    return std::find(theirs.begin(), theirs.end(), ours) != theirs.end();
  });
  return {peer.contact_->host, setup_.shut, peer.contact_->shut, together};
}

// ---- the ladder --------------------------------------------------------------------------------------

base::Time Far::run_due() {
  std::unique_lock lock(mutex_);
  if (!driver_tried_ && !to_introduce_.empty()) {
    lock.unlock();
    std::string why;
    auto driver = setup_.open_driver(setup_.addresses, why);
    lock.lock();
    driver_tried_ = true;
    driver_ = std::move(driver);
    no_driver_ = std::move(why);
    if (driver_) driven_.store(true, std::memory_order_release);
  }
  for (const int rank : std::exchange(to_introduce_, {})) introduce(known(rank));
  ladder_.on_timer(std::chrono::steady_clock::now());
  climb();
  bell_wakes_ = ladder_.next_deadline();
  return bell_wakes_;
}

void Far::climb() {
  auto actions = ladder_.take_actions();
  for (auto& action : actions) perform(std::move(action));
  // The bell polls what there was, until what was the next deadline.
  if (!actions.empty() || ladder_.next_deadline() < bell_wakes_) bell_.kick();
}

void Far::perform(LadderAction&& action) {
  if (const auto* word = std::get_if<Say>(&action)) {
    say(known(word->rank), word->word);
  } else if (const auto* wish = std::get_if<Dial>(&action)) {
    FarPeer& peer = known(wish->rank);
    dial(peer, wish->link, true, [&](const std::string& address) {
      return driver_->dial(peer.rank_, peer.contact_->key, address, peer.contact_->port);
    });
  } else if (const auto* meeting = std::get_if<DialMeeting>(&action)) {
    FarPeer& peer = known(meeting->rank);
    dial(peer, meeting->link, !meeting->serve, [&](const std::string& address) {
      return driver_->meet(peer.rank_, peer.contact_->key, address, meeting->port, meeting->own_port, meeting->serve);
    });
  } else if (const auto* end = std::get_if<Abandon>(&action)) {
    FarPeer& peer = known(end->rank);
    peer.stream_.give_up(end->link);
    carry_out(peer);
  }
}

void Far::dial(FarPeer& peer, std::uint64_t link, bool begins,
               const std::function<ConnectionId(const std::string& address)>& start) {
  if (!driver_ || !peer.contact_ || peer.gone_) return;
  const auto& outside = peer.contact_->outside;
  std::vector<std::string> addresses = peer.contact_->addresses;
  addresses.resize(std::min(addresses.size(), wire::paths::max_addresses - outside.size()));
  addresses.insert(addresses.end(), outside.begin(), outside.end());
  for (const auto& address : addresses) {
    const ConnectionId connection = start(address);
    peer.attempts_.push_back({link, connection, begins, {}});
    rank_of_[connection] = peer.rank_;
  }
}

void Far::close_attempts(FarPeer& peer, std::uint64_t link, ConnectionId but) {
  std::erase_if(peer.attempts_, [&](const FarPeer::Attempt& attempt) {
    if (attempt.link != link) return false;
    if (attempt.connection == but) return true;
    rank_of_.erase(attempt.connection);
    driver_->close(attempt.connection);
    return true;
  });
}

void Far::close_link(FarPeer& peer, std::uint64_t link) {
  close_attempts(peer, link);
  if (peer.link_ != link || peer.connection_ == 0) return;
  rank_of_.erase(peer.connection_);
  driver_->close(std::exchange(peer.connection_, 0));
}

void Far::lose_link(FarPeer& peer, std::uint64_t link) {
  peer.stream_.on_link_lost(link);
  ladder_.on_lost(peer.rank_, link, std::chrono::steady_clock::now());
  carry_out(peer);
  climb();
  note(peer);
}

// ---- what the driver tells ---------------------------------------------------------------------------

void Far::send(FarPeer& peer, ConnectionId connection, const Frame& frame) {
  switch (driver_->send(connection, frame)) {
    case LinkDriver::Sent::yes: break;
    case LinkDriver::Sent::look: look_again_ = true; break;
    case LinkDriver::Sent::no:
      if (connection == peer.connection_) lost_.push_back({peer.rank_, peer.link_});
      break;
  }
}

/// Takes in all there is: what is left shows in no descriptor. The windows bound it, but for a rank that floods us
/// with frames that count in none. False: there may be more.
bool Far::pump_links(LinkDriver::Look look) {
  constexpr int rounds = 1000;
  for (int round = 0; round < rounds; ++round) {
    look_again_ = false;
    const bool more = driver_->pump(*this, look);
    for (const Lost& lost : std::exchange(lost_, {})) lose_link(known(lost.rank), lost.link);
    if (!more && !look_again_) return true;
  }
  left_over_ = true;
  return false;
}

void Far::pump() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  constexpr unsigned pumps_per_thorough = 16;
  if (!lock) return;
  using Look = LinkDriver::Look;
  const Look look = polls_ ? Look::marked : ++pumps_ % pumps_per_thorough == 0 ? Look::thorough : Look::all;
  if (!pump_links(look)) bell_.kick();
}

void Far::pump_for_owner() {
  bool news = false;
  {
    const std::lock_guard lock(mutex_);
    if (!driver_) return;
    news_ = false;
    if (!pump_links()) bell_.kick();
    news = std::exchange(news_, false);
  }
  if (news) wake_();
}

void Far::descriptors(std::vector<pollfd>& polled) {
  const std::lock_guard lock(mutex_);
  if (driver_ && (std::exchange(left_over_, false) || look_again_)) {
    pump_links();
    if (std::exchange(news_, false)) wake_();
  }
  if (driver_) driver_->descriptors(polled);
}

void Far::have_looked_after() {
  if (look_again_) bell_.kick();
}

void Far::on_connected(ConnectionId connection) {
  const auto found = rank_of_.find(connection);
  if (found == rank_of_.end()) return;
  FarPeer& peer = known(found->second);
  for (auto& attempt : peer.attempts_) {
    if (attempt.connection != connection || !attempt.begins) continue;
    attempt.said = std::chrono::steady_clock::now();
    send(peer, connection, make_frame(about(peer, FrameType::hello, attempt.link)));
  }
}

void Far::take_link(FarPeer& peer, std::uint64_t link, ConnectionId connection, const FrameHeader& header) {
  close_attempts(peer, link, connection);
  rank_of_[connection] = peer.rank_;
  peer.link_ = link;
  peer.connection_ = connection;
  if (!peer.stream_.on_link(link, header.received, header.taken)) return cut_off(peer);
  const base::Time now = std::chrono::steady_clock::now();
  ladder_.on_linked(peer.rank_, link, now);
  peer.rung_ = ladder_.climb(peer.rank_)->now;
  if (peer.traffic_.linked == base::Time{}) peer.traffic_.linked = now;
}

void Far::take_frame(FarPeer& peer, const FrameHeader& header, std::span<const std::byte> payload,
                     std::shared_ptr<const void> holder) {
  const auto before = peer.stream_.received();
  if (!peer.stream_.on_frame(peer.link_, header, payload, std::move(holder))) return cut_off(peer);
  if (peer.stream_.received() > before) peer.received(payload.size(), true);
}

void Far::on_bytes(int rank, ConnectionId connection, std::span<const std::byte> bytes,
                   std::shared_ptr<const void> holder) {
  if (rank < 0 || rank >= setup_.size || rank == setup_.rank) return;
  FarPeer& peer = known(rank);
  if (peer.gone_) return;
  const auto header = read_frame(bytes);
  if (!header) return cut_off(peer);
  const auto attempt = std::find_if(peer.attempts_.begin(), peer.attempts_.end(),
                                    [&](const auto& one) { return one.connection == connection; });
  const bool ours = attempt != peer.attempts_.end();
  // Somebody may have given our key and address for its own.
  const bool for_us = header->tag == static_cast<std::uint32_t>(setup_.rank);
  switch (header->type) {
    case FrameType::hello:
      if (!for_us || peer.connection_ != 0 || peer.stream_.has_ended(header->number) || (ours && (attempt->begins || attempt->link != header->number))) return;
      if (!ladder_.wants(rank, header->number)) return;
      // Before any record of ours.
      send(peer, connection, make_frame(about(peer, FrameType::answer, header->number)));
      take_link(peer, header->number, connection, *header);
      break;
    case FrameType::answer:
      if (!for_us || !ours || !attempt->begins || attempt->link != header->number || peer.connection_ != 0) return;
      if (!ladder_.wants(rank, header->number)) return;
      peer.traffic_.round_trip = std::chrono::steady_clock::now() - attempt->said;
      take_link(peer, header->number, connection, *header);
      break;
    case FrameType::drain:
      send(peer, connection, make_frame(about(peer, FrameType::drained, 0)));
      return;
    case FrameType::drained:
      if (connection == peer.connection_) peer.drained_ = true;
      break;
    case FrameType::record:
    case FrameType::ack:
      if (connection != peer.connection_) return;
      take_frame(peer, *header, payload_of(bytes), std::move(holder));
      break;
  }
  carry_out(peer);
  note(peer);
}

void Far::on_closed(ConnectionId connection, const std::string& why) {
  const auto found = rank_of_.find(connection);
  if (found == rank_of_.end()) return;
  FarPeer& peer = known(found->second);
  rank_of_.erase(found);
  if (connection == peer.connection_) {
    peer.connection_ = 0;
    return lose_link(peer, peer.link_);
  }
  const auto attempt = std::find_if(peer.attempts_.begin(), peer.attempts_.end(),
                                    [&](const auto& one) { return one.connection == connection; });
  if (attempt == peer.attempts_.end()) return;
  const std::uint64_t link = attempt->link;
  peer.attempts_.erase(attempt);
  const bool more = std::any_of(peer.attempts_.begin(), peer.attempts_.end(), [&](const auto& one) { return one.link == link; });
  if (more) return;
  ladder_.on_dial_failed(peer.rank_, link, why, std::chrono::steady_clock::now());
  climb();
}

}  // namespace zel::net
