// Why: one attempt to reach one address, and, if it is the one that stays, the link. A table of states:
//
//     dialling --connection and CURVE done--> greeted --good Proof--> proved --settle()--> open
//     open --close_gently()--> leaving --Goodbye or its deadline--> closed
//     any state --connection lost, Reject, bad Proof, message out of turn--> closed
//
// Nothing that comes before `proved` is passed up. It never connects a second time: the owner decides.
#pragma once

#include <optional>

#include "daemon/io/link_monitor.hpp"
#include "wire/link.hpp"
#include "wire/overlay.hpp"

namespace zel::io {

class Dialler {
 public:
  enum class State : std::uint8_t { dialling, greeted, proved, open, leaving, closed };

  /// Each may destroy the dialler by LinkGround::bury().
  struct Owner {
    virtual ~Owner() = default;
    virtual void on_proved(Dialler& dialler) = 0;
    virtual void on_payload(Dialler& dialler, base::ByteView payload) = 0;
    virtual void on_writable(Dialler& dialler) = 0;
    /// Once. After close_gently() `why` is empty.
    virtual void on_closed(Dialler& dialler, const std::string& why) = 0;
  };

  Dialler(LinkGround& ground, wire::overlay::Address address, Owner& owner);

  State state() const { return state_; }
  const wire::overlay::Address& address() const { return address_; }
  /// Who proved itself; nobody before that.
  const base::NodeId& peer() const { return peer_; }
  /// Where it sees this node come from, as it says; may be empty.
  const std::string& seen() const { return seen_; }
  /// After that, payloads may be sent.
  void settle();
  Sent send(base::ByteView payload);
  void close_gently();
  void set_owner(Owner& owner) { owner_ = &owner; }
  /// Nothing more is told to the owner, who may be gone before this is.
  void mute() { state_ = State::closed; }
  void set_linger(base::Duration limit) { socket_.set_linger(limit); }

 private:
  void on_frame(zmq::message_t& frame);
  void on_control(const wire::link::Control& control);
  void on_proof(const wire::link::Proof& proof);
  void on_monitor(int event, std::uint32_t value);
  void try_writing();
  Sent say(const wire::link::Control& control);
  void closed(const std::string& why);

  LinkGround& ground_;
  wire::overlay::Address address_;
  Owner* owner_;
  State state_ = State::dialling;
  base::NodeId peer_;
  std::string seen_;
  wire::link::Nonce nonce_;
  std::optional<wire::link::Control> unsaid_;  // the socket had no room for it yet
  zmq::socket_t fresh_;
  LinkMonitor monitor_;
  ZmqSocket socket_;  // after the monitor, so that it is closed before it
};

}  // namespace zel::io
