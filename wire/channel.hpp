// Why: zrun, zeld, keeper and libzel all speak framed messages over a connected Unix stream socket, and
// sometimes hand a descriptor along. This is the one place that does it: bounded, never blocking unless
// asked to, never raising SIGPIPE. It is the only input and output in wire/.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "base/unique_fd.hpp"
#include "wire/frame.hpp"

namespace zel::wire {

/// Two connected ends, both close-on-exec.
base::Result<std::pair<base::UniqueFd, base::UniqueFd>> socket_pair();

/// One end of a framed connection. Not thread-safe.
class Channel {
 public:
  Channel() = default;
  explicit Channel(base::UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  bool open() const { return static_cast<bool>(socket_); }
  void close() { socket_.reset(); }

  /// Queues one message. Descriptors in `fds` are owned by the queue until they are sent.
  void push(base::ByteView payload, std::vector<base::UniqueFd> fds = {});
  /// Bytes that are queued and not yet taken by the kernel.
  std::size_t queued_bytes() const { return queued_bytes_; }
  /// Writes what the kernel takes without waiting. peer_gone when the other end closed.
  base::Result<void> flush();
  /// Writes everything, waiting for the kernel up to `limit` in all. limit_reached when that is over.
  base::Result<void> flush_within(base::Duration limit);

  /// Reads what is there, up to about 64 KiB, without waiting. False at the end of the stream.
  base::Result<bool> fill();
  /// The next whole message among what was read. The view is valid until the next fill() or next().
  base::Result<std::optional<base::ByteView>> next() { return reader_.next(); }
  /// Waits for the next message, up to `limit` (negative: for ever). peer_gone at the end of the stream.
  base::Result<base::ByteView> receive_within(base::Duration limit);
  /// The next descriptor that came along, in the order sent; none if none came.
  base::UniqueFd take_fd();

 private:
  struct Item {
    base::Bytes frame;
    std::size_t sent = 0;
    std::vector<base::UniqueFd> fds;
  };
  base::Result<bool> write_front();

  base::UniqueFd socket_;
  std::deque<Item> queue_;
  std::size_t queued_bytes_ = 0;
  FrameReader reader_;
  std::deque<base::UniqueFd> received_fds_;
};

}  // namespace zel::wire
