// Why: a ZeroMQ socket hides that its connection ended or was never made. Its monitor says so.
#pragma once

#include "daemon/io/link_ground.hpp"
#include "daemon/io/zmq_socket.hpp"

namespace zel::io {

class LinkMonitor {
 public:
  /// The ZMQ_EVENT_… that happened, and its value: a descriptor or an error.
  using OnEvent = std::function<void(int event, std::uint32_t value)>;

  /// Watches `socket`, which must be closed before this is destroyed.
  LinkMonitor(LinkGround& ground, zmq::socket_t& socket, int events, OnEvent on_event);

 private:
  ZmqSocket socket_;
};

/// The events of a handshake that came to nothing.
inline constexpr int handshake_failures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                          ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                                          ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

/// What door and dialler have in common: buffers, heartbeats, limits.
void set_link_options(zmq::socket_t& socket, const LinkLimits& limits, bool ipv6);
/// "tcp://host:port", with brackets where they belong; port 0 is any.
std::string endpoint_of(const std::string& host, std::uint16_t port);

}  // namespace zel::io
