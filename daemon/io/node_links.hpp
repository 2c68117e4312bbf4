// Why: the node's driver speaks of nodes, the links of payloads: this stands between the two.
#pragma once

#include "daemon/io/links.hpp"
#include "daemon/io/node_driver.hpp"

namespace zel::io {

class NodeLinks final : public PeerLinks, private LinkEvents {
 public:
  /// Both outlive this; the driver sends through it from here on.
  NodeLinks(EventLoop& loop, LinksSetup setup, NodeDriver& driver);

  Links& links() { return links_; }

  void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop) override;
  void send(const wire::overlay::Address& to, base::Bytes message) override;

 private:
  bool on_link_message(const base::NodeId& from, base::ByteView payload) override;
  void on_unreachable(const base::NodeId& peer, const std::string& why) override;

  NodeDriver& driver_;
  Links links_;
};

}  // namespace zel::io
