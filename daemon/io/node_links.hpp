// Why: the node's driver speaks of nodes, the links of payloads, and between two nodes there may be no link but a relay.
// This stands between the three: what the node sends goes to the relaying engine, which says over which link; what
// comes is the node's, or the engine's.
#pragma once

#include "base/random.hpp"
#include "daemon/io/links.hpp"
#include "daemon/io/node_driver.hpp"
#include "daemon/io/seal.hpp"
#include "daemon/relay/relaying.hpp"

namespace zel::io {

class NodeLinks final : public PeerLinks, private LinkEvents, private relay::Surroundings {
 public:
  /// All outlive this; `node` has a peer. The driver sends through it from here on.
  NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver, daemon::Node& node, std::uint64_t seed,
            relay::Config config = {});

  Links& links() { return links_; }
  const relay::Relaying& relaying() const { return relaying_; }
  /// The node's record has other addresses now.
  void on_addresses();
  /// By which way each peer is reached, and what was forwarded for others.
  wire::admin::Paths paths() const;
  std::vector<wire::admin::Counter> counters() const;

  void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) override;
  void send(const wire::overlay::Address& to, base::Bytes message) override;

 private:
  bool on_link_message(const base::NodeId& from, base::ByteView payload) override;
  void on_unreachable(const base::NodeId& peer, const std::string& why) override;
  void on_room(const base::NodeId& peer) override;

  const wire::overlay::PeerRecord& self() const override;
  std::vector<wire::overlay::PeerRecord> peers() const override;
  std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const override;
  relay::LinkKind link(const base::NodeId& node) const override;
  bool resting(const base::NodeId& node) const override { return links_.resting(node); }
  std::size_t backlog(const base::NodeId& node) const override { return links_.queued_bytes(node); }
  base::Bytes seal(const base::NodeId& to, base::ByteView message) override;
  base::Result<base::Bytes> open(const base::NodeId& from, base::ByteView sealed, base::Time now) override;

  void carry_out();
  void carry_out(relay::Action& action);
  std::string name_of(const base::NodeId& node) const;

  EventLoop& loop_;
  NodeDriver& driver_;
  daemon::Node& node_;
  Seal seal_;
  Links links_;
  relay::Relaying relaying_;
  Timer timer_;
  bool carrying_out_ = false;
};

}  // namespace zel::io
