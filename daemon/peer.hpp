// Why: what a node is to other nodes, apart from the jobs it runs: overlay and scheduler put together, what one
// says told to the other. The simulator runs tens of thousands of these. Pure: messages and the time in,
// actions out.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "daemon/overlay/overlay.hpp"
#include "daemon/schedule/scheduler.hpp"

namespace zel::daemon {

using PeerMessage = std::variant<wire::overlay::Message, wire::schedule::Message>;

struct SendToPeer {
  wire::overlay::PeerRecord to;      // never this node itself
  PeerMessage message;
};
using PeerAction =
    std::variant<SendToPeer, overlay::SendToAddress, overlay::PeerChanged, schedule::Found, schedule::NotFound>;

struct PeerSetup {
  overlay::OverlaySetup overlay;     // cores of `self` are set from `resources`
  schedule::Resources resources;
  schedule::Config schedule;
};

class Peer {
 public:
  Peer(PeerSetup setup, base::Random random, base::Time now);
  ~Peer();

  /// A message that decoded and is valid(). `from` is authenticated by the link.
  void on_message(const base::NodeId& from, const PeerMessage& message, base::Time now);
  void on_unreachable(const base::NodeId& peer, base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;
  std::vector<PeerAction> take_actions(base::Time now);

  overlay::Overlay& overlay();
  const overlay::Overlay& overlay() const;
  schedule::Scheduler& scheduler();
  const schedule::Scheduler& scheduler() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace zel::daemon
