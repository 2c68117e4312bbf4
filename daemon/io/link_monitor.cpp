#include "daemon/io/link_monitor.hpp"

#include <cstring>

namespace zel::io {

namespace {

zmq::socket_t monitor_of(LinkGround& ground, zmq::socket_t& socket, int events) {
  const std::string name = "inproc://monitor-" + std::to_string(ground.next_name++);
  ::zmq_socket_monitor(socket.handle(), name.c_str(), events);
  zmq::socket_t monitor(ground.context, ZMQ_PAIR);
  monitor.set(zmq::sockopt::linger, 0);
  // Without a limit: ZeroMQ's own thread would wait for us at one.
  monitor.set(zmq::sockopt::rcvhwm, 0);
  monitor.connect(name);
  return monitor;
}

}  // namespace

LinkMonitor::LinkMonitor(LinkGround& ground, zmq::socket_t& socket, int events, OnEvent on_event)
    : socket_(ground.loop, monitor_of(ground, socket, events),
              [on_event = std::move(on_event)](ZmqSocket::Frames& frames) {
                if (frames.empty() || frames[0].size() != 6) return;
                std::uint16_t event = 0;
                std::uint32_t value = 0;
                std::memcpy(&event, frames[0].data(), sizeof event);
                std::memcpy(&value, frames[0].data<char>() + sizeof event, sizeof value);
                on_event(event, value);
              }) {}

void set_link_options(zmq::socket_t& socket, const LinkLimits& limits, bool ipv6) {
  const auto ms = [](base::Duration d) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
  };
  socket.set(zmq::sockopt::linger, 0);
  socket.set(zmq::sockopt::ipv6, ipv6);
  socket.set(zmq::sockopt::sndhwm, limits.socket_messages);
  socket.set(zmq::sockopt::rcvhwm, limits.socket_messages);
  // CURVE and our mark add less than 256 bytes to a payload.
  socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(limits.message_bytes) + 256);
  socket.set(zmq::sockopt::handshake_ivl, ms(limits.handshake));
  socket.set(zmq::sockopt::heartbeat_ivl, ms(limits.heartbeat));
  socket.set(zmq::sockopt::heartbeat_timeout, ms(limits.silence));
  socket.set(zmq::sockopt::heartbeat_ttl, ms(limits.silence));
}

std::string endpoint_of(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return "tcp://" + (ipv6 ? "[" + host + "]" : host) + ":" + (port == 0 ? "*" : std::to_string(port));
}

}  // namespace zel::io
