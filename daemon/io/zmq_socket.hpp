// Why: a ZeroMQ socket tells through a descriptor that *something changed*, once, and says what only when
// asked; whoever forgets to ask after a send or a receive waits for ever. This is the one place that asks. It
// also stops after a bounded number of messages, so that one busy socket does not keep the loop from the
// others.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <vector>
#include <zmq.hpp>

#include "base/bytes.hpp"
#include "daemon/io/event_loop.hpp"

namespace zel::io {

/// A signal (a keeper that ended) may interrupt any call of ZeroMQ; half a message would be the worst of it.
template <class Call>
int uninterrupted(Call call) {
  int result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

enum class Sent : std::uint8_t { taken, full, no_route };

class ZmqSocket {
 public:
  using Frames = std::vector<zmq::message_t>;
  /// One whole message. May destroy this socket.
  using OnFrames = std::function<void(Frames&)>;
  /// The socket may take messages again. May destroy this socket.
  using OnWritable = std::function<void()>;

  ZmqSocket(EventLoop& loop, zmq::socket_t socket, OnFrames on_frames, OnWritable on_writable = {});
  ~ZmqSocket();
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;

  zmq::socket_t& raw() { return socket_; }
  /// Never waits. After `full`, on_writable comes.
  Sent send(base::ByteView head, base::ByteView body);
  /// The same on a ROUTER.
  Sent send_to(std::string_view route, base::ByteView head, base::ByteView body);
  /// Passes up what has come already.
  void drain() { check(false); }
  /// How long closing may keep undelivered messages.
  void set_linger(base::Duration limit);

 private:
  void check(bool woken);
  void check_later();
  bool receive(Frames& frames);

  EventLoop& loop_;
  zmq::socket_t socket_;
  OnFrames on_frames_;
  OnWritable on_writable_;
  std::unique_ptr<FdWatch> watch_;
  Timer again_;
  bool check_planned_ = false;
  bool blocked_ = true;  // wants to hear of on_writable
  bool router_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace zel::io
