// Why: see far.hpp. The streams, and what the node carries.
#include "libzel/net/far.hpp"

#include <sched.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace zel::net {

using wire::member::Post;
using wire::member::PostCredit;
using wire::paths::Word;

Far::Far(FarSetup setup)
    : setup_(std::move(setup)),
      process_(::getpid()),
      peers_(static_cast<std::size_t>(setup_.size)),
      ladder_(setup_.rank, base::Random(setup_.seed)),
      bell_(*this) {}

Far::~Far() {
  bell_.stop();
  // ZeroMQ's threads are not in a forked child; what is left there ends with it.
  if (::getpid() != process_) (void)driver_.release();
}

/// With the lock held.
FarPeer& Far::known(int rank) {
  auto& peer = peers_[static_cast<std::size_t>(rank)];
  if (!peer) peer = std::make_unique<FarPeer>(rank, *this);
  return *peer;
}

FarPeer* Far::peer(int rank) {
  const std::lock_guard lock(mutex_);
  return &known(rank);
}

bool Far::deliver(int from, Post&& post) {
  const std::lock_guard lock(mutex_);
  FarPeer& peer = known(from);
  news_ = false;
  const bool is_word = post.kind == word_post_kind;
  const auto before = peer.stream_.received();
  const bool good = is_word ? hear(peer, post.payload) : peer.stream_.on_post(std::move(post));
  if (peer.stream_.received() > before) peer.received(peer.stream_.last_bytes(), false);
  if (!good) cut_off(peer);
  carry_out(peer);
  have_looked_after();
  note(peer);
  return std::exchange(news_, false);
}

bool Far::credit(int from, std::uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  FarPeer& peer = known(from);
  if (!peer.stream_.on_credit(bytes)) cut_off(peer);
  carry_out(peer);
  have_looked_after();
  changed_.notify_all();
  return std::exchange(peer.wants_room_, false);
}

void Far::departed(int rank) {
  const std::lock_guard lock(mutex_);
  if (const auto& peer = peers_[static_cast<std::size_t>(rank)]) peer->left_ = true;
  changed_.notify_all();
}

void Far::find_newcomers(std::vector<Reader*>& found) {
  const std::lock_guard lock(mutex_);
  newcomers_waiting_.store(false, std::memory_order_relaxed);
  found.insert(found.end(), newcomers_.begin(), newcomers_.end());
  newcomers_.clear();
}

/// After anything that may be of interest to the owner.
void Far::note(FarPeer& peer) {
  peer.max_payload_.store(peer.stream_.max_payload(), std::memory_order_relaxed);
  if (std::exchange(peer.wants_room_, false)) news_ = true;
  changed_.notify_all();
  if (peer.stream_.empty() && !peer.damaged_) return;
  news_ = true;
  peer.to_look_at_.store(true, std::memory_order_release);
  if (std::exchange(peer.heard_from_, true)) return;
  newcomers_.push_back(&peer);
  newcomers_waiting_.store(true, std::memory_order_release);
}

/// What it says makes no sense. What it sent before is good.
void Far::cut_off(FarPeer& peer) {
  if (peer.gone_) return;
  peer.damaged_ = true;
  part_with(peer);
  note(peer);
}

void Far::part_with(FarPeer& peer) {
  peer.gone_ = true;
  if (const Climb* climb = ladder_.climb(peer.rank_)) peer.traffic_.climb = *climb;
  for (const auto& attempt : peer.attempts_) {
    rank_of_.erase(attempt.connection);
    driver_->close(attempt.connection);
  }
  peer.attempts_.clear();
  if (peer.connection_ != 0) {
    rank_of_.erase(peer.connection_);
    driver_->close(std::exchange(peer.connection_, 0));
  }
  if (driver_) driver_->dismiss(peer.rank_);
  ladder_.on_gone(peer.rank_);
}

void Far::carry_out(FarPeer& peer) {
  for (int round = 0; peer.stream_.has_actions() && round < 64; ++round) {
    for (auto& action : peer.stream_.take_actions()) perform(peer, std::move(action));
    for (const Lost& lost : std::exchange(lost_, {})) lose_link(known(lost.rank), lost.link);
  }
  peer.max_payload_.store(peer.stream_.max_payload(), std::memory_order_relaxed);
}

void Far::perform(FarPeer& peer, StreamAction&& action) {
  const auto to = static_cast<std::uint32_t>(peer.rank_);
  // What the node did not take in time it may yet get: saying it again would say it twice.
  if (auto* post = std::get_if<SendPost>(&action)) {
    post->post.peer = to;
    if (!node_lost_ && !setup_.carry(std::move(post->post))) node_lost_ = true;
  } else if (const auto* credit = std::get_if<GiveCredit>(&action)) {
    if (!node_lost_ && !setup_.carry(PostCredit{to, credit->bytes})) node_lost_ = true;
  } else if (const auto* frame = std::get_if<SendFrame>(&action)) {
    if (peer.connection_ != 0) send(peer, peer.connection_, frame->frame);
  } else if (const auto* close = std::get_if<CloseLink>(&action)) {
    close_link(peer, close->link);
  }
}

void Far::say(FarPeer& peer, const Word& word) {
  perform(peer, SendPost{{0, word_post_kind, 0, 0, 0, wire::paths::encode(word)}});
}

/// False: nonsense.
bool Far::hear(FarPeer& peer, base::ByteView payload) {
  auto word = wire::paths::decode(payload);
  if (!word) return false;
  if (peer.gone_) return true;
  const base::Time now = std::chrono::steady_clock::now();
  bool good = true;
  if (const auto* resume = std::get_if<wire::paths::Resume>(&*word)) {
    good = peer.stream_.on_resume(*resume);
  } else if (const auto* fallen = std::get_if<wire::paths::Fallen>(&*word)) {
    good = peer.stream_.on_fallen(*fallen);
    ladder_.on_lost(peer.rank_, fallen->link, now);
  } else if (const auto* ack = std::get_if<wire::paths::Ack>(&*word)) {
    good = peer.stream_.on_ack(ack->taken);
  } else if (auto* contact = std::get_if<wire::paths::Contact>(&*word)) {
    on_contact(peer, std::move(*contact));
  } else if (const auto* dial_me = std::get_if<wire::paths::DialMe>(&*word)) {
    ladder_.on_word(peer.rank_, *dial_me, now);
  } else if (const auto* not_reached = std::get_if<wire::paths::NotReached>(&*word)) {
    ladder_.on_word(peer.rank_, *not_reached, now);
  } else if (const auto* meet = std::get_if<wire::paths::Meet>(&*word)) {
    ladder_.on_word(peer.rank_, *meet, now);
  } else if (const auto* met = std::get_if<wire::paths::Met>(&*word)) {
    ladder_.on_word(peer.rank_, *met, now);
  }
  climb();
  return good;
}

void Far::rouse() {
  if (!in_poll_.load(std::memory_order_seq_cst)) return;
  const std::uint64_t one = 1;
  (void)!::write(rouse_.get(), &one, sizeof one);
}

base::Duration Far::sleep(Doorbell& doorbell, base::Duration limit, bool alone) {
  if (driven() && alone) return sleep_in_poll(doorbell, limit);
  bell_.owner_sleeps();
  const base::Duration slept = doorbell.sleep(limit);
  bell_.owner_looks();
  return slept;
}

base::Duration Far::sleep_in_poll(Doorbell& doorbell, base::Duration limit) {
  const base::Time start = std::chrono::steady_clock::now();
  if (!rouse_) rouse_ = base::UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  in_poll_.store(true, std::memory_order_seq_cst);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  bool sleeps = doorbell.asleep();
  polled_.assign(1, {rouse_.get(), POLLIN, 0});
  {
    const std::lock_guard lock(mutex_);
    // The look before this one found nothing; but somebody may have sent since. If there is no poll, links are looked
    // at here: whoever rings all the time must not keep us from them.
    news_ = false;
    const bool drained = pump_links(sleeps ? LinkDriver::Look::marked : LinkDriver::Look::all);
    sleeps = sleeps && drained && !std::exchange(news_, false);
    if (sleeps) driver_->descriptors(polled_);
  }
  if (sleeps) {
    timespec time{};
    if (limit.count() >= 0) {
      time.tv_sec = static_cast<std::time_t>(limit.count() / 1'000'000'000);
      time.tv_nsec = static_cast<long>(limit.count() % 1'000'000'000);
    }
    // An answer is often closer than a wake-up is long. ZeroMQ's thread may need this very core.
    constexpr int looks_before_sleep = 40;
    const timespec none{};
    int found = 0;
    for (int looks = 0; looks < looks_before_sleep && found == 0; ++looks) {
      found = ::ppoll(polled_.data(), polled_.size(), &none, nullptr);
      if (found == 0) ::sched_yield();
    }
    if (found == 0) ::ppoll(polled_.data(), polled_.size(), limit.count() >= 0 ? &time : nullptr, nullptr);
  }
  in_poll_.store(false, std::memory_order_seq_cst);
  if (sleeps) {
    const std::lock_guard lock(mutex_);
    const auto found = std::span(polled_).subspan(1);
    const bool thorough = std::ranges::any_of(found, [](const pollfd& one) { return one.revents != 0 && one.events != POLLIN; });
    driver_->mark(found);
    pump_links(thorough ? LinkDriver::Look::thorough : LinkDriver::Look::marked);
  }
  if (!polled_.empty() && polled_[0].revents != 0) {
    std::uint64_t count = 0;
    (void)!::read(rouse_.get(), &count, sizeof count);
  }
  doorbell.stay_awake();
  return std::chrono::steady_clock::now() - start;
}

bool Far::is_drained(FarPeer& peer) {
  if (peer.gone_ || peer.left_) return true;
  if (node_lost_ && !peer.stream_.link()) return true;
  return peer.stream_.all_handed_over() && !peer.stream_.waiting() && (!peer.stream_.link() || peer.drained_);
}

void Far::drain(base::Duration limit) {
  std::unique_lock lock(mutex_);
  bell_.owner_sleeps();
  std::vector<std::uint64_t> asked(peers_.size(), 0);
  changed_.wait_for(lock, limit, [&] {
    bool all = true;
    for (auto& peer : peers_) {
      if (!peer) continue;
      auto& asked_on = asked[static_cast<std::size_t>(peer->rank_)];
      if (const auto link = peer->stream_.link(); link && asked_on != *link) {
        asked_on = *link;
        peer->drained_ = false;
        send(*peer, peer->connection_, make_frame(about(*peer, FrameType::drain, 0)));
        if (std::exchange(look_again_, false)) bell_.kick();
      }
      all = is_drained(*peer) && all;
    }
    return all;
  });
}

std::vector<wire::paths::PathLine> Far::report() {
  const std::lock_guard lock(mutex_);
  std::map<std::string, wire::paths::PathLine> lines;
  for (const auto& peer : peers_) {
    if (!peer || peer->traffic_.begun == base::Time{}) continue;
    const std::string number = std::to_string(peer->rank_);
    const std::string host = peer->contact_ ? "host " + peer->contact_->host : "rank " + number;
    if (!lines.contains(host) && lines.size() >= wire::paths::max_report_lines) continue;
    auto& line = lines[host];
    line.peer = static_cast<std::uint32_t>(peer->rank_);
    if (setup_.addresses.empty()) ladder_.on_no_contact(peer->rank_, no_links);
    peer->report(line, ladder_.climb(peer->rank_));
  }
  std::vector<wire::paths::PathLine> all;
  for (auto& [host, line] : lines) all.push_back(std::move(line));
  return all;
}

}  // namespace zel::net
