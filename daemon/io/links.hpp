// Why: to the node, other nodes are ids that messages come from and go to. This is all that is seen of
// ZeroMQ: links are made when there is something to say, proved before anything is believed, kept while used,
// and their end is told. The wire side is docs/protocol/link.md.
//
// Two that share a realm key reach one another; others are not heard. A peer is sent to over any link it has
// with this node, also one it made itself; else all its addresses are tried at once. Messages to one peer
// arrive in the order sent. Runs on the loop's thread; nothing waits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/node_id.hpp"
#include "daemon/io/event_loop.hpp"
#include "daemon/io/link_queue.hpp"
#include "daemon/io/link_setup.hpp"
#include "wire/admin.hpp"
#include "wire/overlay.hpp"

namespace zel::io {

class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  /// `from` is proved. The payload is as sent and is not checked further; the view ends with the call. False when
  /// it makes no sense: that is counted.
  virtual bool on_link_message(const base::NodeId& from, base::ByteView payload) = 0;
  /// No link could be made, or the one in use broke: what was sent and not answered may be lost, what is sent
  /// from now on starts anew. Never called from within send().
  virtual void on_unreachable(const base::NodeId& peer, const std::string& why) = 0;
  /// More than LinkLimits::crowded_bytes waited for it, and now less than half do.
  virtual void on_room(const base::NodeId& /*peer*/) {}
};

/// How a peer is sent to: over a link that was dialled here, or there.
enum class LinkPath : std::uint8_t { none, dialled, visit };

class Links {
 public:
  /// `events` must outlive this.
  Links(EventLoop& loop, LinksSetup setup, LinkEvents& events);
  /// Gives what is queued in open links up to LinkLimits::goodbye to go out, then cuts everything.
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// Listens there; port 0 is any free one, "0.0.0.0" all IPv4 interfaces, "::" all of both families. Returns
  /// the address with the port it got. Errors: limit_reached: another program has it; system.
  base::Result<wire::overlay::Address> listen(const wire::overlay::Address& address);

  /// To itself: dropped. Beyond LinkLimits: see Delivery.
  void send(const wire::overlay::PeerRecord& to, base::Bytes payload, Delivery delivery);
  /// To whoever answers there; may_drop. If nobody does, only the counters say so.
  void send(const wire::overlay::Address& to, base::Bytes payload);

  /// Makes a link if there is none, and nobody found it unreachable lately. Failing is told as with send().
  void dial(const wire::overlay::PeerRecord& to);
  /// Dials anew at each address, whether there is a link or not, and closes again. `done`, once and never from here,
  /// is given those at which that peer proved itself within LinkLimits::connect.
  using Probed = std::function<void(std::vector<wire::overlay::Address> reached)>;
  void probe(const wire::overlay::PeerRecord& peer, Probed done);

  /// Peers with a link, whoever made it.
  std::size_t open_links() const;
  bool has_link(const base::NodeId& peer) const;
  LinkPath path(const base::NodeId& peer) const;
  /// It was not reached lately and is not dialled again yet.
  bool resting(const base::NodeId& peer) const;
  /// Waits for it.
  std::size_t queued_bytes(const base::NodeId& peer) const;
  std::vector<wire::admin::Counter> counters() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace zel::io
