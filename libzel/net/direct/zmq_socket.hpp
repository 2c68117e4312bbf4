// Why: a ZeroMQ socket and its monitor belong to one object and end with it.
#pragma once

#include <zmq.h>

#include <cerrno>
#include <optional>
#include <string>
#include <utility>

namespace zel::net {

/// A signal may interrupt any call of ZeroMQ; half a message would be the worst of it.
template <class Call>
int uninterrupted(Call call) {
  int result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

struct MonitorEvent {
  std::uint16_t kind;
  std::int32_t value;
};

class ZmqSocket {
 public:
  ZmqSocket() = default;
  ZmqSocket(void* context, int type) : socket_(zmq_socket(context, type)), fd_(fd_of(socket_)) {}
  ZmqSocket(ZmqSocket&& other) noexcept { *this = std::move(other); }
  ZmqSocket& operator=(ZmqSocket&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(monitor_, other.monitor_);
    std::swap(fd_, other.fd_);
    std::swap(monitor_fd_, other.monitor_fd_);
    return *this;
  }
  ~ZmqSocket();

  explicit operator bool() const { return socket_ != nullptr; }
  void* get() const { return socket_; }
  bool set(int option, int value) { return zmq_setsockopt(socket_, option, &value, sizeof value) == 0; }
  bool set(int option, const void* value, std::size_t bytes) {
    return zmq_setsockopt(socket_, option, value, bytes) == 0;
  }
  /// Readable when something may have come.
  int fd() const { return fd_; }
  int monitor_fd() const { return monitor_fd_; }
  /// Watches `events` under a name of its own.
  bool watch(void* context, const std::string& name, int events);
  /// The next of them.
  std::optional<MonitorEvent> next_event();

 private:
  static int fd_of(void* socket);

  void* socket_ = nullptr;
  void* monitor_ = nullptr;
  int fd_ = -1;
  int monitor_fd_ = -1;
};

}  // namespace zel::net
