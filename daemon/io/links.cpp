#include "daemon/io/links.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "daemon/io/admission.hpp"
#include "daemon/io/link_door.hpp"
#include "daemon/io/link_probe.hpp"
#include "daemon/io/peer_link.hpp"

namespace zel::io {

namespace {

constexpr base::Duration slow_tick = std::chrono::seconds(1);
constexpr base::Duration quick_tick = std::chrono::milliseconds(100);
constexpr std::size_t max_strangers = 64;
constexpr std::size_t max_remembered = 8192;  // peers, with those that are only remembered as not reached

}  // namespace

struct Links::Parts final : PeerLink::Owner, LinkDoor::Owner {
  LinkGround ground;
  LinkEvents& events;
  Admission admission;
  std::vector<std::unique_ptr<LinkDoor>> doors;
  std::unordered_map<base::NodeId, std::unique_ptr<PeerLink>> peers;
  std::map<wire::overlay::Address, std::unique_ptr<PeerLink>> strangers;
  std::vector<std::unique_ptr<LinkProbe>> probes;
  Timer timer;
  bool quick = false;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);

  Parts(EventLoop& loop, LinksSetup setup, LinkEvents& link_events)
      : ground(loop, std::move(setup)),
        events(link_events),
        admission(loop, ground.context),
        timer(loop, [this] { tick(); }) {
    timer.set(loop.now() + slow_tick);
  }
  ~Parts() override {
    *alive = false;
    for (auto& [id, peer] : peers) peer->set_linger(ground.limits().goodbye);
    for (auto& door : doors) door->set_linger(ground.limits().goodbye);
  }

  PeerLink& peer(const base::NodeId& id) {
    auto& found = peers[id];
    if (!found) found = std::make_unique<PeerLink>(ground, id, *this);
    return *found;
  }
  void be_quick() {
    if (std::exchange(quick, true)) return;
    timer.set(ground.loop.now() + quick_tick);
  }
  void tick() {
    const base::Time now = ground.loop.now();
    quick = false;
    const auto tick_all = [&](auto& links) {
      for (auto& [key, link] : links) quick = link->tick(now) || quick;
      const bool crowded = links.size() > max_remembered;
      std::erase_if(links, [&](const auto& entry) {
        return entry.second->empty() && (crowded || !entry.second->remembers(now));
      });
    };
    tick_all(peers);
    tick_all(strangers);
    std::erase_if(probes, [&](const auto& probe) { return probe->tick(now); });
    quick = quick || !probes.empty();
    for (auto& door : doors) door->sweep();
    timer.set(now + (quick ? quick_tick : slow_tick));
  }

  // PeerLink::Owner
  void on_peer_payload(const base::NodeId& id, base::ByteView payload) override {
    if (events.on_link_message(id, payload)) return;
    ground.count(LinkCount::senseless, "node " + id.short_text() + " sent what no node of this version sends");
  }
  void on_peer_unreachable(const base::NodeId& id, const std::string& why) override {
    if (id.is_nobody()) return;
    ground.loop.defer([this, id, why, still = alive] {
      if (*still) events.on_unreachable(id, why);
    });
  }
  void on_peer_room(const base::NodeId& id) override {
    ground.loop.defer([this, id, still = alive] {
      if (*still) events.on_room(id);
    });
  }
  void on_stranger(PeerLink& stranger, std::unique_ptr<Dialler> dialler, LinkQueue& queue) override {
    PeerLink& known = peer(dialler->peer());
    known.adopt(std::move(dialler));
    while (!queue.empty()) {
      auto [payload, delivery] = queue.take_front();
      known.send(std::move(payload), delivery, {});
    }
    const auto found = std::find_if(strangers.begin(), strangers.end(),
                                    [&](const auto& entry) { return entry.second.get() == &stranger; });
    ground.bury(std::move(found->second));
    strangers.erase(found);
  }
  bool make_room(std::size_t links) override {
    std::size_t open = 0;
    PeerLink* unused = nullptr;
    for (auto& [id, link] : peers) {
      open += link->dialled_links();
      if (link->unused_since() != base::never && (!unused || link->unused_since() < unused->unused_since())) {
        unused = link.get();
      }
    }
    for (auto& [address, link] : strangers) open += link->dialled_links();
    for (auto& probe : probes) open += probe->dialled_links();
    be_quick();
    if (open + links <= ground.limits().dialled_links) return true;
    if (unused) unused->close_dialled();
    // The one that leaves still counts until its peer has said goodbye: allow as much again, and no more.
    return unused && open + links <= ground.limits().dialled_links + wire::overlay::max_addresses * 4;
  }

  // LinkDoor::Owner
  bool has_room(LinkDoor&) override {
    std::size_t visitors = 0;
    for (auto& door : doors) visitors += door->visitors();
    return visitors < ground.limits().inbound_links;
  }
  void on_settled(LinkDoor& door, const std::string& route, const base::NodeId& id) override {
    peer(id).on_visit(door, route);
  }
  void on_payload(const base::NodeId& id, base::ByteView payload) override { on_peer_payload(id, payload); }
  void on_gone(LinkDoor& door, const std::string& route, const base::NodeId& id,
               const std::string& why) override {
    if (const auto found = peers.find(id); found != peers.end())
      found->second->on_visit_gone(door, route, why);
  }
  void on_writable(LinkDoor&) override {
    // A callback of flush() may add peers; it removes none.
    std::vector<PeerLink*> waiting;
    for (auto& [id, link] : peers) waiting.push_back(link.get());
    for (PeerLink* link : waiting) link->flush();
  }
};

Links::Links(EventLoop& loop, LinksSetup setup, LinkEvents& events)
    : parts_(std::make_unique<Parts>(loop, std::move(setup), events)) {}
Links::~Links() = default;

base::Result<wire::overlay::Address> Links::listen(const wire::overlay::Address& address) {
  auto door = LinkDoor::open(parts_->ground, address, *parts_);
  if (!door) return tl::unexpected(door.error());
  const wire::overlay::Address bound{address.host, (*door)->port()};
  parts_->doors.push_back(std::move(*door));
  return bound;
}

void Links::send(const wire::overlay::PeerRecord& to, base::Bytes payload, Delivery delivery) {
  if (to.id == parts_->ground.setup.keys.id || to.id.is_nobody()) return;
  parts_->peer(to.id).send(std::move(payload), delivery, to.addresses);
}

void Links::send(const wire::overlay::Address& to, base::Bytes payload) {
  for (auto& [id, peer] : parts_->peers) {
    if (peer->dialled_at(to)) return peer->send(std::move(payload), Delivery::may_drop, {to});
  }
  if (!parts_->strangers.contains(to) && parts_->strangers.size() >= max_strangers) {
    return parts_->ground.count(LinkCount::full, "too many bootstrap addresses are tried at once");
  }
  auto& stranger = parts_->strangers[to];
  if (!stranger) stranger = std::make_unique<PeerLink>(parts_->ground, base::NodeId{}, *parts_);
  stranger->send(std::move(payload), Delivery::may_drop, {to});
}

void Links::dial(const wire::overlay::PeerRecord& to) {
  if (to.id == parts_->ground.setup.keys.id || to.id.is_nobody() || to.addresses.empty()) return;
  parts_->peer(to.id).dial_at(to.addresses);
}

void Links::probe(const wire::overlay::PeerRecord& peer, Probed done) {
  const std::size_t count = std::min(peer.addresses.size(), wire::overlay::max_addresses);
  if (!parts_->make_room(count)) {
    return parts_->ground.loop.defer([done = std::move(done)] { done({}); });
  }
  parts_->probes.push_back(std::make_unique<LinkProbe>(parts_->ground, peer, std::move(done)));
}

std::size_t Links::open_links() const {
  return static_cast<std::size_t>(std::count_if(parts_->peers.begin(), parts_->peers.end(),
                                                [](const auto& entry) { return entry.second->has_path(); }));
}

bool Links::has_link(const base::NodeId& peer) const {
  const auto found = parts_->peers.find(peer);
  return found != parts_->peers.end() && found->second->has_path();
}

LinkPath Links::path(const base::NodeId& peer) const {
  const auto found = parts_->peers.find(peer);
  if (found == parts_->peers.end() || !found->second->has_path()) return LinkPath::none;
  return found->second->goes_out_dialled() ? LinkPath::dialled : LinkPath::visit;
}

bool Links::resting(const base::NodeId& peer) const {
  const auto found = parts_->peers.find(peer);
  return found != parts_->peers.end() && found->second->rests();
}

std::size_t Links::queued_bytes(const base::NodeId& peer) const {
  const auto found = parts_->peers.find(peer);
  return found == parts_->peers.end() ? 0 : found->second->queued_bytes();
}

std::vector<wire::admin::Counter> Links::counters() const { return parts_->ground.counters.list(); }

}  // namespace zel::io
