// Why: a framed local connection driven by the event loop: messages in by callback, messages out queued and
// flushed once per turn of the loop, the end of it told once.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "daemon/io/event_loop.hpp"
#include "wire/channel.hpp"

namespace zel::io {

class Connection {
 public:
  /// Called for each message; returning false closes the connection as broken.
  using OnMessage = std::function<bool(base::ByteView)>;
  /// Called once, when the other end closed or the stream was broken, or finish() is done.
  using OnClosed = std::function<void(const std::string& reason)>;

  Connection(EventLoop& loop, base::UniqueFd socket, OnMessage on_message, OnClosed on_closed);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void send(base::ByteView payload, std::vector<base::UniqueFd> fds = {});
  /// While held nothing is read: what the other end says waits in the kernel, and then the other end.
  void hold(bool held);
  std::size_t queued_bytes() const { return channel_.queued_bytes(); }
  /// Sends all that is queued, however long the other end takes, then closes and says so through OnClosed.
  void finish();
  bool open() const { return channel_.open(); }

 private:
  void on_ready(FdWatch::Ready ready);
  void read();
  void flush();
  void broken(const std::string& reason);

  EventLoop& loop_;
  wire::Channel channel_;
  OnMessage on_message_;
  OnClosed on_closed_;
  std::unique_ptr<FdWatch> watch_;
  bool flush_planned_ = false;
  bool finishing_ = false;
  bool held_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zel::io
