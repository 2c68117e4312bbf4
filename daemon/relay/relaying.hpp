// Why: whether this node can be dialled, through whom it is reached, how it reaches others and what it forwards for
// them are four engines; what one finds out, another needs. This puts them together: node messages and relay
// messages in, what to do with links out. Pure; daemon/io/node_links carries it out, a test may as well.
#pragma once

#include <functional>
#include <set>
#include <variant>
#include <vector>

#include "daemon/relay/forwarder.hpp"
#include "daemon/relay/reachability.hpp"
#include "daemon/relay/relay_choice.hpp"
#include "daemon/relay/routes.hpp"

namespace zel::relay {

/// What the rest of the node knows, and can do at once.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual const wire::overlay::PeerRecord& self() const = 0;
  /// Nodes held alive, the nearest first.
  virtual std::vector<wire::overlay::PeerRecord> peers() const = 0;
  virtual std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const = 0;
  virtual LinkKind link(const base::NodeId& node) const = 0;
  /// Dialled in vain lately.
  virtual bool resting(const base::NodeId& node) const = 0;
  /// Waits for the link to this node.
  virtual std::size_t backlog(const base::NodeId& node) const = 0;
  /// Only `to` can open it, and knows whose it is. Empty: it cannot be sealed for that key.
  virtual base::Bytes seal(const base::NodeId& to, base::ByteView message) = 0;
  /// Errors: refused, for what is forged, changed or came before.
  virtual base::Result<base::Bytes> open(const base::NodeId& from, base::ByteView sealed, base::Time now) = 0;
};

/// Over a link; one is made if there is none. `message` has its byte in front (wire/node.hpp).
struct SendOnLink {
  wire::overlay::PeerRecord to;
  base::Bytes message;
  bool may_drop = false;
};
/// Make a link if there is none.
struct Dial {
  wire::overlay::PeerRecord to;
};
/// Dial it anew at each, close again, and tell on_probed().
struct Probe {
  base::NodeId peer;
  std::uint64_t sequence = 0;
  std::vector<wire::overlay::Address> addresses;
};
/// A node message that came through a relay.
struct Deliver {
  base::NodeId from;
  base::Bytes message;
};
struct TellUnreachable {
  base::NodeId peer;
};
/// This node's record must name these.
struct SetRelays {
  std::vector<wire::relay::Via> relays;
};
using Action = std::variant<SendOnLink, Dial, Probe, Deliver, TellUnreachable, SetRelays>;

struct Counters {
  std::uint64_t seals_refused = 0;    // forged, changed or repeated
  std::uint64_t senseless = 0;        // opened, and makes no sense; or from nobody it can be from
  std::uint64_t unknown_clients = 0;  // not forwarded: nobody here of that id
  std::uint64_t probes_refused = 0;
  std::uint64_t relayed = 0;          // messages of this node sent through relays
};

class Relaying {
 public:
  Relaying(Config config, Surroundings& surroundings, base::Random random, base::Time now);

  /// Of the node, for another.
  void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop, base::Time now);
  /// A relay message, without its byte in front. False: it makes no sense.
  bool on_message(const base::NodeId& from, base::ByteView message, base::Time now);
  /// A node message that came over a link.
  void on_received(const base::NodeId& from, std::size_t bytes, base::Time now) { routes_.on_received(from, bytes, now); }
  void on_unreachable(const base::NodeId& peer, const std::string& why, base::Time now);
  void on_probed(const base::NodeId& peer, std::uint64_t sequence, std::vector<wire::overlay::Address> reached);
  /// This node's record has other addresses now.
  void on_addresses(base::Time now);
  void on_timer(base::Time now);
  base::Time next_deadline() const;
  /// Also lets out what waits and has room now: call it until nothing comes.
  std::vector<Action> take_actions(base::Time now);

  const Reachability& reachability() const { return reachability_; }
  const RelayChoice& relays() const { return choice_; }
  const Forwarder& forwarder() const { return forwarder_; }
  const Routes& routes() const { return routes_; }
  const Counters& counters() const { return counters_; }

 private:
  void say(const wire::overlay::PeerRecord& to, const wire::relay::Message& message, bool may_drop = true);
  void say(const base::NodeId& to, const wire::relay::Message& message);
  void refuse(const base::NodeId& sender, const base::NodeId& to, wire::relay::Reason reason, base::Time now);
  bool send_sealed(const wire::overlay::PeerRecord& to, const Routes::Choice& choice, base::ByteView message, bool may_drop);
  void heard(const base::NodeId& from, const wire::relay::Attach&, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Attached&, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Detach&, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Refused& refused, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Forward& forward, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Passed& passed, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::Forwarded& forwarded, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::DialBack& asked, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::DialedBack& answer, base::Time now);
  void heard(const base::NodeId& from, const wire::relay::CallMe&, base::Time now);
  void forward(const base::NodeId& sender, const wire::overlay::PeerRecord& next, const base::NodeId& to,
               const wire::relay::Message& message, base::Time now);
  void open_sealed(const base::NodeId& from, base::ByteView sealed, base::Time now);
  void tend(base::Time now);

  Config config_;
  Surroundings& around_;
  Reachability reachability_;
  RelayChoice choice_;
  Forwarder forwarder_;
  Routes routes_;
  std::set<base::NodeId> probed_;                          // dialled for them now
  std::map<base::NodeId, base::Time> complained_;          // Refused was said, last
  Counters counters_;
  std::vector<Action> actions_;
};

}  // namespace zel::relay
