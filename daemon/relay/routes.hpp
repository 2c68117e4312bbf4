// Why: there are several ways to a node, and a message must not wait until the best is found. This knows, for each
// peer, what was tried, what failed and why, and which way the next message goes. Pure: what links there are and the
// time in, a choice out. The table of rungs: docs/protocol/relay.md.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/relay/config.hpp"
#include "wire/relay.hpp"

namespace zel::relay {

/// A link, and who made it.
enum class LinkKind : std::uint8_t { none, dialled, visit };
enum class Rung : std::uint8_t { none, direct, called_back, relay };

std::string_view text_of(Rung rung);

class Routes {
 public:
  /// What a choice depends on besides the peer.
  struct Ground {
    std::function<LinkKind(const base::NodeId&)> link;
    std::function<bool(const base::NodeId&)> resting;  // not worth dialling
    std::vector<const wire::overlay::PeerRecord*> own_relays;
    bool may_be_called = false;                        // this node has addresses and is not known to be shut
    base::NodeId self;
  };
  struct Choice {
    Rung rung = Rung::none;                  // none: dial, there is nothing else
    wire::overlay::PeerRecord relay;         // to send to, for Rung::relay
    std::vector<wire::relay::Via> via;
    bool dial = false;                       // and dial the peer behind it
    bool call_me = false;                    // and ask it to dial
  };
  /// One line of `zeld paths`.
  struct Path {
    base::NodeId peer;
    Rung rung = Rung::none;
    base::NodeId relay;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::string why_not_direct;
    std::string why_not_called_back;
  };

  explicit Routes(const Config& config) : config_(config) {}

  Choice choose(const wire::overlay::PeerRecord& peer, const Ground& ground, base::Time now);
  /// True: it is reached through a relay all the same, nobody need be told.
  bool on_unreachable(const base::NodeId& peer, const std::string& why, bool has_own_relay, base::Time now);
  /// The relay does not have it as a client.
  void on_unknown_client(const base::NodeId& relay, const base::NodeId& peer, base::Time now);
  void on_relay_lost(const base::NodeId& relay, base::Time now);
  void on_sent(const base::NodeId& peer, Rung rung, const base::NodeId& relay, std::size_t bytes, base::Time now);
  void on_received(const base::NodeId& peer, std::size_t bytes, base::Time now);

  /// Those with traffic; the latest used first.
  std::vector<Path> paths() const;

 private:
  struct Route {
    Path path;
    std::vector<wire::overlay::Address> addresses;
    std::vector<base::NodeId> relays;                     // as the peer names them
    std::map<base::NodeId, base::Time> resting;           // relays that failed for it, until
    base::Time dialled_in_vain = base::Time::min();
    base::Time retry_at = base::Time::min();
    base::Duration retry_wait{};
    base::Time used = base::Time::min();
  };
  Route& route(const base::NodeId& peer, base::Time now);
  bool by_relay(const wire::overlay::PeerRecord& peer, const Ground& ground, Route& route, base::Time now, Choice& choice);
  void behind(const wire::overlay::PeerRecord& peer, const Ground& ground, Route& route, base::Time now, Choice& choice);

  const Config& config_;
  std::unordered_map<base::NodeId, Route> routes_;
};

}  // namespace zel::relay
