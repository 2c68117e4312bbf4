#include "daemon/peer.hpp"

#include <algorithm>
#include <utility>

#include "daemon/overlay/coordinates.hpp"

namespace zel::daemon {

namespace {

// A node that seeks and hosts speaks to itself: request, offer, claim, claimed, and again after a refusal. More
// at one instant than this waits for the next turn of the loop, so that no bug of an engine can hold it.
constexpr std::size_t most_turns = 64;

class OverlaySurroundings : public schedule::Surroundings {
 public:
  explicit OverlaySurroundings(const overlay::Overlay& overlay) : overlay_(overlay) {}

  const wire::overlay::PeerRecord& self() const override { return overlay_.self(); }
  std::vector<const wire::overlay::PeerRecord*> neighbours() const override { return overlay_.neighbours(); }
  std::vector<const wire::overlay::PeerRecord*> view() const override { return overlay_.view(); }
  base::Duration distance(const wire::overlay::PeerRecord& peer) const override { return overlay_.distance(peer); }
  base::Duration distance(const wire::overlay::PeerRecord& a, const wire::overlay::PeerRecord& b) const override {
    if (a.id == overlay_.self().id) return overlay_.distance(b);
    if (b.id == overlay_.self().id) return overlay_.distance(a);
    const double apart_s = overlay::distance_s(overlay::Point::of(a.coordinate), overlay::Point::of(b.coordinate));
    return std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(apart_s));
  }

 private:
  const overlay::Overlay& overlay_;
};

overlay::OverlaySetup with_cores(overlay::OverlaySetup setup, std::uint32_t cores) {
  setup.self.cores_total = cores;
  setup.self.cores_free = cores;
  return setup;
}

}  // namespace

struct Peer::Parts {
  Parts(PeerSetup setup, base::Random random, base::Time now)
      : overlay(with_cores(std::move(setup.overlay), setup.resources.cores), random.split(), now),
        surroundings(overlay),
        scheduler(std::move(setup.resources), setup.schedule, surroundings, random.split()) {}

  void take(overlay::Action&& action, base::Time now) {
    if (auto* send = std::get_if<overlay::Send>(&action)) {
      actions.emplace_back(SendToPeer{std::move(send->to), std::move(send->message)});
    } else if (auto* address = std::get_if<overlay::SendToAddress>(&action)) {
      actions.emplace_back(std::move(*address));
    } else if (auto* changed = std::get_if<overlay::PeerChanged>(&action)) {
      using What = overlay::PeerChanged::What;
      if (changed->what == What::died || changed->what == What::left) scheduler.on_peer_lost(changed->peer.id, now);
      actions.emplace_back(std::move(*changed));
    }
  }

  void take(schedule::Action&& action) {
    if (auto* send = std::get_if<schedule::Send>(&action)) {
      if (send->to.id == overlay.self().id) {
        to_self.push_back(std::move(send->message));
      } else {
        actions.emplace_back(SendToPeer{std::move(send->to), std::move(send->message)});
      }
    } else if (auto* found = std::get_if<schedule::Found>(&action)) {
      actions.emplace_back(std::move(*found));
    } else if (auto* not_found = std::get_if<schedule::NotFound>(&action)) {
      actions.emplace_back(std::move(*not_found));
    } else if (const auto* cores = std::get_if<schedule::FreeCoresChanged>(&action)) {
      overlay.set_free_cores(cores->cores);
    }
  }

  /// One turn: what the engines want done, and what this node says to itself. False: nothing is left.
  bool turn(base::Time now) {
    for (auto& action : overlay.take_actions()) take(std::move(action), now);
    for (auto& action : scheduler.take_actions()) take(std::move(action));
    if (to_self.empty()) return false;
    for (const auto& message : std::exchange(to_self, {})) scheduler.on_message(overlay.self().id, message, now);
    return true;
  }

  overlay::Overlay overlay;
  OverlaySurroundings surroundings;
  schedule::Scheduler scheduler;
  std::vector<wire::schedule::Message> to_self;
  std::vector<PeerAction> actions;
  base::Time unfinished_at = base::never;  // when a turn was left for later
};

Peer::Peer(PeerSetup setup, base::Random random, base::Time now)
    : parts_(std::make_unique<Parts>(std::move(setup), random, now)) {}
Peer::~Peer() = default;

void Peer::on_message(const base::NodeId& from, const PeerMessage& message, base::Time now) {
  if (const auto* gossip = std::get_if<wire::overlay::Message>(&message)) {
    parts_->overlay.on_message(from, *gossip, now);
  } else {
    parts_->scheduler.on_message(from, std::get<wire::schedule::Message>(message), now);
  }
}

void Peer::on_unreachable(const base::NodeId& peer, base::Time now) { parts_->overlay.on_unreachable(peer, now); }

void Peer::on_timer(base::Time now) {
  if (parts_->overlay.next_deadline() <= now) parts_->overlay.on_timer(now);
  if (parts_->scheduler.next_deadline() <= now) parts_->scheduler.on_timer(now);
}

base::Time Peer::next_deadline() const {
  return std::min({parts_->overlay.next_deadline(), parts_->scheduler.next_deadline(), parts_->unfinished_at});
}

std::vector<PeerAction> Peer::take_actions(base::Time now) {
  bool more = true;
  for (std::size_t turns = 0; more && turns < most_turns; ++turns) more = parts_->turn(now);
  parts_->unfinished_at = more ? now : base::never;
  return std::exchange(parts_->actions, {});
}

overlay::Overlay& Peer::overlay() { return parts_->overlay; }
const overlay::Overlay& Peer::overlay() const { return parts_->overlay; }
schedule::Scheduler& Peer::scheduler() { return parts_->scheduler; }
const schedule::Scheduler& Peer::scheduler() const { return parts_->scheduler; }

}  // namespace zel::daemon
