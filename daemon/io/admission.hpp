// Why: ZeroMQ asks one handler whom to let in (ZAP, RFC 27). Who got this far has the realm's key, so it is
// let in, and its own CURVE key becomes the User-Id of all its messages: the sender is known, never believed.
#pragma once

#include <optional>
#include <string>

#include "base/node_id.hpp"
#include "daemon/io/zmq_socket.hpp"

namespace zel::io {

class Admission {
 public:
  Admission(EventLoop& loop, zmq::context_t& context);

 private:
  void answer(ZmqSocket::Frames& request);
  ZmqSocket socket_;
};

/// Whom a message came from. Nothing for a message that did not pass admission.
std::optional<base::NodeId> sender_of(zmq::message_t& message);
/// From which address it came, numeric; empty: ZeroMQ does not say.
std::string address_of_sender(zmq::message_t& message);

}  // namespace zel::io
