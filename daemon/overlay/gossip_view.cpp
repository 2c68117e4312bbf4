#include "daemon/overlay/gossip_view.hpp"

#include <algorithm>

namespace zel::overlay {

namespace {

// More than these at once are no newcomers: it is this view that is young.
constexpr std::size_t most_newcomers = 3;
constexpr std::size_t most_met = 256;
constexpr int stretch_numerator = 3, stretch_denominator = 2;

}  // namespace

GossipView::GossipView(const Config& config, const PeerRecord& self, std::vector<Address> bootstrap,
                       Beliefs& beliefs, PeerTable& peers, Actions& out, base::Random random, base::Time now)
    : config_(config),
      self_(self),
      bootstrap_(std::move(bootstrap)),
      beliefs_(beliefs),
      peers_(peers),
      out_(out),
      random_(random),
      next_round_(now),
      interval_(config.gossip_interval) {}

void GossipView::on_timer(base::Time now) {
  if (stage_ != Stage::idle && now >= deadline_) fail_exchange(now);
  if (now >= next_round_) start_round(now);
}

base::Time GossipView::next_deadline() const {
  return stage_ == Stage::idle ? next_round_ : std::min(deadline_, next_round_);
}

void GossipView::start_round(base::Time now) {
  schedule(now);
  asked_.clear();
  bootstrap_asked_ = false;
  stage_ = Stage::idle;
  // While the view is not full a bootstrap address is as good as one more peer in it.
  const auto view = peers_.members(Use::view);
  const bool with_bootstrap = !bootstrap_.empty() && view.size() < config_.view_size;
  const std::size_t candidates = view.size() + (with_bootstrap ? 1 : 0);
  if (candidates == 0) return;
  const std::size_t pick = random_.below(candidates);
  if (pick < view.size()) {
    ask(view[pick], Stage::view, now);
  } else {
    ask_bootstrap(now);
  }
}

void GossipView::ask(PeerTable::Slot slot, Stage stage, base::Time now) {
  const PeerRecord to = peers_[slot].record;
  stage_ = stage;
  deadline_ = now + config_.gossip_timeout;
  asked_.push_back(to.id);
  out_.push_back(Send{to, wire::overlay::GossipRequest{own_share(to.id), {}}});
}

void GossipView::ask_bootstrap(base::Time now) {
  stage_ = Stage::bootstrap;
  deadline_ = now + config_.gossip_timeout;
  bootstrap_asked_ = true;
  const Address& to = bootstrap_[random_.below(bootstrap_.size())];
  out_.push_back(SendToAddress{to, wire::overlay::GossipRequest{own_share(base::NodeId{}), {}}});
}

/// The peer stays where it is: others may reach it, and a verdict is not this engine's business.
void GossipView::fail_exchange(base::Time now) {
  ++failed_;
  const Stage failed = stage_;
  stage_ = Stage::idle;
  deadline_ = base::never;
  const auto fallback = peers_.members(Use::fallback);
  if (failed == Stage::view && !fallback.empty())
    return ask(fallback[random_.below(fallback.size())], Stage::fallback, now);
  if (failed != Stage::bootstrap && !bootstrap_.empty()) ask_bootstrap(now);
}

void GossipView::on_unreachable(const base::NodeId& peer, base::Time now) {
  const bool asked = stage_ == Stage::view || stage_ == Stage::fallback;
  if (asked && asked_.back() == peer) fail_exchange(now);
}

void GossipView::on_request(const PeerRecord& sender, const wire::overlay::GossipRequest& request,
                            base::Time now) {
  out_.push_back(Send{sender, wire::overlay::GossipReply{own_share(sender.id), {}}});
  size_.received(request.records, self_.id);
  const std::size_t gained = merge(request.records, now);
  if (gained > 0) news(now);
}

bool GossipView::on_reply(const PeerRecord& sender, const wire::overlay::GossipReply& reply, base::Time now) {
  const auto asked = std::find(asked_.begin(), asked_.end(), sender.id);
  if (asked != asked_.end()) {
    const bool awaited = asked == asked_.end() - 1 && (stage_ == Stage::view || stage_ == Stage::fallback);
    asked_.erase(asked);
    if (awaited) stage_ = Stage::idle;
  } else if (bootstrap_asked_) {
    bootstrap_asked_ = false;
    if (stage_ == Stage::bootstrap) stage_ = Stage::idle;
  } else {
    return false;
  }
  size_.received(reply.records, self_.id);
  const std::size_t gained = merge(reply.records, now);
  beliefs_.answered(sender.id, now);
  succeeded_with(sender.id);
  settle(gained, now);
  return true;
}

/// Itself and a random part of the view; what the receiver is, it knows best itself.
std::vector<PeerRecord> GossipView::own_share(const base::NodeId& receiver) {
  std::vector<PeerRecord> records;
  const auto chosen = peers_.sample(Use::view, config_.exchange_size - 1, random_);
  records.reserve(chosen.size() + 1);
  records.push_back(self_);
  for (const PeerTable::Slot slot : chosen) {
    if (peers_[slot].record.id != receiver) records.push_back(peers_[slot].record);
  }
  return records;
}

std::size_t GossipView::merge(const std::vector<PeerRecord>& records, base::Time now) {
  const std::size_t before = peers_.members(Use::view).size();
  std::vector<const PeerRecord*> gained;
  for (const PeerRecord& record : records) {
    const Beliefs::Heard heard = beliefs_.hear(record, now);
    PeerTable::Slot slot = PeerTable::none;
    if (heard == Beliefs::Heard::unknown) {
      slot = beliefs_.add(record, Use::view, now);
    } else if (heard == Beliefs::Heard::known) {
      slot = peers_.find(record.id);
      if (slot == PeerTable::none || peers_[slot].used_for(Use::view)) continue;
      peers_.hold(slot, Use::view);
    }
    if (slot != PeerTable::none) gained.push_back(&record);
  }
  while (peers_.members(Use::view).size() > config_.view_size) {
    const auto view = peers_.members(Use::view);
    peers_.release(view[random_.below(view.size())], Use::view);
  }
  if (before >= config_.view_size) return 0;
  if (gained.size() <= most_newcomers) {
    for (const PeerRecord* record : gained) {
      if (meet(*record)) beliefs_.announce(*record);
    }
  }
  return gained.size();
}

void GossipView::succeeded_with(const base::NodeId& id) {
  const PeerTable::Slot slot = peers_.find(id);
  if (slot == PeerTable::none || peers_[slot].used_for(Use::fallback)) return;
  // The newest is never the one to go.
  const auto fallback = peers_.members(Use::fallback);
  if (fallback.size() >= config_.fallback_size) {
    peers_.release(fallback[random_.below(fallback.size())], Use::fallback);
  }
  peers_.hold(slot, Use::fallback);
}

void GossipView::offer(const PeerRecord& record, base::Time now) {
  if (peers_.members(Use::view).size() >= config_.view_size) return;
  merge({record}, now);
}

void GossipView::newcomer(const PeerRecord& record, base::Time now) {
  if (!meet(record)) return;
  const bool full = peers_.members(Use::view).size() >= config_.view_size;
  if (full && !random_.chance(static_cast<double>(config_.view_size) / beliefs_.network_size())) return;
  merge({record}, now);
  beliefs_.announce(record);
}

bool GossipView::meet(const PeerRecord& record) {
  const std::uint64_t key = std::hash<base::NodeId>{}(record.id) ^ record.incarnation * 0x9e3779b97f4a7c15u;
  if (std::find(met_.begin(), met_.end(), key) != met_.end()) return false;
  if (met_.size() < most_met) {
    met_.push_back(key);
  } else {
    met_[next_met_] = key;
    next_met_ = (next_met_ + 1) % most_met;
  }
  return true;
}

void GossipView::settle(std::size_t gained, base::Time now) {
  if (gained > 0) return news(now);
  interval_ = std::min(interval_ * stretch_numerator / stretch_denominator, config_.settled_gossip_interval);
}

void GossipView::news(base::Time now) {
  interval_ = config_.gossip_interval;
  next_round_ = std::min(next_round_, now + interval_);
}

void GossipView::schedule(base::Time now) {
  const double factor = random_.between(1 - config_.gossip_jitter, 1 + config_.gossip_jitter);
  next_round_ = now + std::chrono::duration_cast<base::Duration>(
                          std::chrono::duration<double, std::nano>(interval_) * factor);
}

void GossipView::stalled(base::Time now) {
  stage_ = Stage::idle;
  deadline_ = base::never;
  next_round_ = std::min(next_round_, now);
}

}  // namespace zel::overlay
