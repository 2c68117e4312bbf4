// Why: between two nodes there may be no link but a relay. This puts links, seals and the relaying engine together, so
// that the rest of the node may send to any other node and need not ask how.
#pragma once

#include "base/random.hpp"
#include "daemon/io/links.hpp"
#include "daemon/io/seal.hpp"
#include "daemon/relay/relaying.hpp"

namespace zel::io {

/// What the rest of the node is to it.
class RelayHome {
 public:
  virtual ~RelayHome() = default;
  virtual const wire::overlay::PeerRecord& self() const = 0;
  /// Nodes held alive, the nearest first, without this one.
  virtual std::vector<wire::overlay::PeerRecord> peers() const = 0;
  virtual std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const = 0;
  /// This node's record must name these.
  virtual void set_relays(std::vector<base::NodeId> relays, std::vector<wire::overlay::Address> addresses) = 0;
  /// False: it makes no sense.
  virtual bool on_node_message(const base::NodeId& from, base::ByteView message) = 0;
  /// By no way.
  virtual void on_unreachable(const base::NodeId& node) = 0;
};

class RelayedLinks final : private LinkEvents, private relay::Surroundings {
 public:
  /// `home` outlives this.
  RelayedLinks(EventLoop& loop, LinksSetup setup, RelayHome& home, std::uint64_t seed, relay::Config config = {});

  Links& links() { return links_; }
  const Links& links() const { return links_; }
  const relay::Relaying& relaying() const { return relaying_; }
  std::vector<wire::admin::Counter> counters() const;
  /// This node's record has other addresses now.
  void on_addresses();

  void send(const wire::overlay::PeerRecord& to, base::Bytes message, bool may_drop);
  void send(const wire::overlay::Address& to, base::Bytes message) { links_.send(to, std::move(message)); }

 private:
  bool on_link_message(const base::NodeId& from, base::ByteView payload) override;
  void on_unreachable(const base::NodeId& peer, const std::string& why) override;
  void on_room(const base::NodeId&) override { carry_out(); }

  const wire::overlay::PeerRecord& self() const override { return home_.self(); }
  std::vector<wire::overlay::PeerRecord> peers() const override { return home_.peers(); }
  std::optional<wire::overlay::PeerRecord> find(const base::NodeId& node) const override { return home_.find(node); }
  relay::LinkKind link(const base::NodeId& node) const override;
  bool resting(const base::NodeId& node) const override { return links_.resting(node); }
  std::size_t backlog(const base::NodeId& node) const override { return links_.queued_bytes(node); }
  base::Bytes seal(const base::NodeId& to, base::ByteView message) override;
  base::Result<base::Bytes> open(const base::NodeId& from, base::ByteView sealed, base::Time now) override;

  void carry_out();
  void carry_out(relay::Action& action);
  void probe(relay::Probe& probe);

  EventLoop& loop_;
  RelayHome& home_;
  Seal seal_;
  Links links_;
  relay::Relaying relaying_;
  Timer timer_;
  bool carrying_out_ = false;
};

}  // namespace zel::io
