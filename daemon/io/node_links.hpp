// Why: the node's driver speaks of nodes, the links of payloads: this stands between the two, and tells the links what
// the node knows of others.
#pragma once

#include "daemon/io/node_driver.hpp"
#include "daemon/io/relayed_links.hpp"

namespace zel::io {

class NodeLinks final : public PeerLinks, private RelayHome {
 public:
  /// All outlive this; `node` has a peer. The driver sends through it from here on.
  NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver, daemon::Node& node, std::uint64_t seed);

  Links& links() { return relayed_.links(); }
  /// The node's record has other addresses now.
  void on_addresses() { relayed_.on_addresses(); }
  /// By which way each peer is reached, and what was forwarded for others.
  wire::admin::Paths paths() const;
  std::vector<wire::admin::Counter> counters() const { return relayed_.counters(); }

  void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) override;
  void send(const wire::overlay::Address& to, base::Bytes message) override;

 private:
  const wire::overlay::PeerRecord& self() const override;
  std::vector<wire::overlay::PeerRecord> peers() const override;
  std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const override;
  void set_relays(std::vector<base::NodeId> relays, std::vector<wire::overlay::Address> addresses) override;
  bool on_node_message(const base::NodeId& from, base::ByteView message) override;
  void on_unreachable(const base::NodeId& node) override;
  std::string name_of(const base::NodeId& node) const;

  NodeDriver& driver_;
  daemon::Node& node_;
  RelayedLinks relayed_;
};

}  // namespace zel::io
