// Why: one listening address of a node and all who came in by it. ZeroMQ has proved whose key a visitor has;
// the visitor greets, is shown this node's proof, and says whether it stays:
//
//     (none) --Hello, right version, room--> greeted --Settled--> settled
//     settled --Goodbye, or the connection is gone--> (none)
//     greeted --not Settled in time--> (none)
//     (none) --anything but Hello--> (none), answered with Reject
//
// A connection without a visitor is cut when it is old, or when there are too many.
// A settled visitor can be sent to: that is how nodes behind a NAT are reached.
#pragma once

#include <string>
#include <unordered_map>

#include "daemon/io/link_arrivals.hpp"
#include "daemon/io/link_monitor.hpp"
#include "wire/link.hpp"
#include "wire/overlay.hpp"

namespace zel::io {

class LinkDoor {
 public:
  struct Owner {
    virtual ~Owner() = default;
    virtual bool has_room(LinkDoor& door) = 0;
    virtual void on_settled(LinkDoor& door, const std::string& route, const base::NodeId& peer) = 0;
    virtual void on_payload(const base::NodeId& peer, base::ByteView payload) = 0;
    /// A settled visitor went. `why` is empty after its goodbye.
    virtual void on_gone(LinkDoor& door, const std::string& route, const base::NodeId& peer,
                         const std::string& why) = 0;
    virtual void on_writable(LinkDoor& door) = 0;
  };

  /// Port 0: any free one.
  static base::Result<std::unique_ptr<LinkDoor>> open(LinkGround& ground,
                                                      const wire::overlay::Address& address, Owner& owner);
  LinkDoor(LinkGround& ground, zmq::socket_t socket, std::uint16_t port, Owner& owner);

  std::uint16_t port() const { return port_; }
  std::size_t visitors() const { return visitors_.size(); }
  Sent send(const std::string& route, base::ByteView payload);
  /// What it still says is rejected.
  void forget(const std::string& route) { visitors_.erase(route); }
  /// The same, and its connection is cut.
  void turn_out(const std::string& route);
  /// Looks for visitors whose connection is gone, and for connections without a visitor; now and then.
  void sweep();
  void set_linger(base::Duration limit) { socket_.set_linger(limit); }

 private:
  struct Visitor {
    base::NodeId peer;
    bool settled = false;
    int descriptor = -1;
    bool suspect = false;     // its descriptor was closed, or was it another's before?
    base::Time looked_after;  // heard of, or found there
    base::Time since;
  };
  void on_frames(ZmqSocket::Frames& frames);
  void on_control(const std::string& route, const base::NodeId& peer, int descriptor,
                  const wire::link::Control& control, std::string seen);
  void greet(const std::string& route, const base::NodeId& peer, int descriptor, const wire::link::Hello& hello,
             std::string seen);
  void on_disconnected(int descriptor);
  void cut_unwanted();
  void turn_out_unsettled();
  void look_after(bool suspects_only);
  Sent say(const std::string& route, const wire::link::Control& control);
  void reject(const std::string& route, wire::link::Reason reason) { say(route, wire::link::Reject{reason}); }
  void gone(const std::string& route, const std::string& why);

  LinkGround& ground_;
  Owner& owner_;
  std::uint16_t port_;
  zmq::socket_t fresh_;
  std::unordered_map<std::string, Visitor> visitors_;
  LinkArrivals arrivals_;
  Timer look_soon_;
  LinkMonitor monitor_;
  ZmqSocket socket_;  // after the monitor, so that it is closed before it
};

}  // namespace zel::io
