// Why: see zmq_socket.hpp.
#include "libzel/net/direct/zmq_socket.hpp"

#include <cstring>

namespace zel::net {

ZmqSocket::~ZmqSocket() {
  if (socket_ && monitor_) zmq_socket_monitor(socket_, nullptr, 0);
  if (monitor_) zmq_close(monitor_);
  if (socket_) zmq_close(socket_);
}

int ZmqSocket::fd_of(void* socket) {
  int fd = -1;
  std::size_t size = sizeof fd;
  if (socket) uninterrupted([&] { return zmq_getsockopt(socket, ZMQ_FD, &fd, &size); });
  return fd;
}

bool ZmqSocket::watch(void* context, const std::string& name, int events) {
  if (zmq_socket_monitor(socket_, name.c_str(), events) != 0) return false;
  monitor_ = zmq_socket(context, ZMQ_PAIR);
  monitor_fd_ = fd_of(monitor_);
  // Without a limit: ZeroMQ's own thread would wait for us at one.
  const int none = 0;
  return monitor_ && zmq_setsockopt(monitor_, ZMQ_RCVHWM, &none, sizeof none) == 0 && zmq_connect(monitor_, name.c_str()) == 0;
}

std::optional<MonitorEvent> ZmqSocket::next_event() {
  if (!monitor_) return std::nullopt;
  zmq_msg_t part;
  zmq_msg_init(&part);
  MonitorEvent event{};
  const bool there = uninterrupted([&] { return zmq_msg_recv(&part, monitor_, ZMQ_DONTWAIT); }) >= 0;
  if (there && zmq_msg_size(&part) >= 6) {
    std::memcpy(&event.kind, zmq_msg_data(&part), sizeof event.kind);
    std::memcpy(&event.value, static_cast<const char*>(zmq_msg_data(&part)) + 2, sizeof event.value);
  }
  while (there && zmq_msg_more(&part)) {
    if (uninterrupted([&] { return zmq_msg_recv(&part, monitor_, 0); }) < 0) break;
  }
  zmq_msg_close(&part);
  if (!there) return std::nullopt;
  return event;
}

}  // namespace zel::net
