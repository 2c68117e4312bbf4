#include "daemon/io/connection.hpp"

namespace zel::io {

Connection::Connection(EventLoop& loop, base::UniqueFd socket, OnMessage on_message, OnClosed on_closed)
    : loop_(loop),
      channel_(std::move(socket)),
      on_message_(std::move(on_message)),
      on_closed_(std::move(on_closed)),
      watch_(std::make_unique<FdWatch>(loop, channel_.fd(), [this](FdWatch::Ready ready) { on_ready(ready); })) {
  watch_->want(true, false);
}

Connection::~Connection() { *alive_ = false; }

void Connection::send(base::ByteView payload, std::vector<base::UniqueFd> fds) {
  if (!open()) return;
  channel_.push(payload, std::move(fds));
  if (flush_planned_) return;
  flush_planned_ = true;
  loop_.defer([this, alive = alive_] {
    if (*alive) flush();
  });
}

void Connection::flush() {
  flush_planned_ = false;
  if (!open()) return;
  if (auto flushed = channel_.flush(); !flushed) {
    if (flushed.error().code != base::Errc::peer_gone) return broken(flushed.error().text);
    // Reading tells the end of the stream after what the other end still said; let it.
    watch_->want(!held_, false);
    return;
  }
  if (finishing_ && channel_.queued_bytes() == 0) return broken("finished");
  watch_->want(!held_, channel_.queued_bytes() > 0);
}

void Connection::hold(bool held) {
  if (held == held_ || !open()) return;
  held_ = held;
  watch_->want(!held_, channel_.queued_bytes() > 0);
}

void Connection::on_ready(FdWatch::Ready ready) {
  const auto alive = alive_;
  if (ready.readable && !held_) read();
  if (*alive && ready.writable) flush();
}

void Connection::read() {
  auto more = channel_.fill();
  const auto alive = alive_;
  for (;;) {
    auto message = channel_.next();
    if (!message) return broken(message.error().text);
    if (!message->has_value()) break;
    const bool good = on_message_(**message);
    if (!*alive || !open()) return;
    if (!good) return broken("a malformed or unexpected message");
  }
  if (!more) return broken(more.error().text);
  if (!*more) broken("the other end closed");
}

void Connection::broken(const std::string& reason) {
  watch_.reset();
  channel_.close();
  // The owner may destroy this connection in answer.
  const OnClosed on_closed = on_closed_;
  on_closed(reason);
}

void Connection::finish() {
  if (!open()) return;
  finishing_ = true;
  flush();
}

}  // namespace zel::io
