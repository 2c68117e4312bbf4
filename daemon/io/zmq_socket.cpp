#include "daemon/io/zmq_socket.hpp"

#include <cerrno>
#include <cstring>

namespace zel::io {

namespace {

constexpr int messages_per_turn = 64;
// A ROUTER says only that some peer can be sent to; trying again at once whenever it says so would never end.
constexpr base::Duration router_retry = std::chrono::milliseconds(5);
constexpr std::size_t max_frames = 8;  // of one message; ours have at most five

int events_of(zmq::socket_t& socket) {
  int events = 0;
  std::size_t size = sizeof events;
  const int got = uninterrupted([&] { return ::zmq_getsockopt(socket.handle(), ZMQ_EVENTS, &events, &size); });
  return got == 0 ? events : 0;
}

}  // namespace

ZmqSocket::ZmqSocket(EventLoop& loop, zmq::socket_t socket, OnFrames on_frames, OnWritable on_writable)
    : loop_(loop),
      socket_(std::move(socket)),
      on_frames_(std::move(on_frames)),
      on_writable_(std::move(on_writable)),
      watch_(std::make_unique<FdWatch>(loop, socket_.get(zmq::sockopt::fd),
                                       [this](FdWatch::Ready) { check(true); })),
      again_(loop, [this] { check(true); }),
      router_(socket_.get(zmq::sockopt::type) == ZMQ_ROUTER) {
  watch_->want(true, false);
  check_later();
}

ZmqSocket::~ZmqSocket() {
  *alive_ = false;
  watch_.reset();  // before the socket takes its descriptor away
  // Closing goes on in ZeroMQ's own threads. An event that they still had to tell, when the reader of events is
  // gone, would be waited with for ever, and every link of this node with it.
  ::zmq_socket_monitor(socket_.handle(), nullptr, 0);
}

Sent ZmqSocket::send(base::ByteView head, base::ByteView body) {
  zmq::message_t message(head.size() + body.size());
  auto* to = message.data<std::byte>();
  if (!head.empty()) std::memcpy(to, head.data(), head.size());
  if (!body.empty()) std::memcpy(to + head.size(), body.data(), body.size());
  const int sent = uninterrupted([&] { return ::zmq_msg_send(message.handle(), socket_.handle(), ZMQ_DONTWAIT); });
  const int error = errno;
  check_later();
  if (sent >= 0) return Sent::taken;
  blocked_ = true;
  return error == EHOSTUNREACH ? Sent::no_route : Sent::full;
}

Sent ZmqSocket::send_to(std::string_view route, base::ByteView head, base::ByteView body) {
  zmq::message_t address(route.data(), route.size());
  if (uninterrupted([&] { return ::zmq_msg_send(address.handle(), socket_.handle(), ZMQ_DONTWAIT | ZMQ_SNDMORE); }) < 0) {
    const int error = errno;
    check_later();
    blocked_ = true;
    return error == EHOSTUNREACH ? Sent::no_route : Sent::full;
  }
  return send(head, body);
}

void ZmqSocket::set_linger(base::Duration limit) {
  const auto limit_ms = std::chrono::duration_cast<std::chrono::milliseconds>(limit).count();
  socket_.set(zmq::sockopt::linger, static_cast<int>(limit_ms));
}

void ZmqSocket::check_later() {
  if (std::exchange(check_planned_, true)) return;
  loop_.defer([this, alive = alive_] {
    if (!*alive) return;
    check_planned_ = false;
    check(false);
  });
}

bool ZmqSocket::receive(Frames& frames) {
  frames.clear();
  for (bool more = true; more;) {
    zmq::message_t frame;
    if (uninterrupted([&] { return ::zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT); }) < 0) return false;
    more = frame.more();
    if (frames.size() < max_frames) frames.push_back(std::move(frame));
  }
  return true;
}

void ZmqSocket::check(bool woken) {
  const auto alive = alive_;
  Frames frames;
  for (int count = 0;; ++count) {
    const int events = events_of(socket_);
    if (blocked_ && router_ && !woken) again_.set(loop_.now() + router_retry);
    if (blocked_ && (events & ZMQ_POLLOUT) != 0 && (woken || !router_)) {
      blocked_ = false;
      woken = false;
      if (on_writable_) on_writable_();
      if (!*alive) return;
    }
    if ((events & ZMQ_POLLIN) == 0) return;
    if (count >= messages_per_turn) return again_.set(loop_.now());
    if (!receive(frames)) return;
    on_frames_(frames);
    if (!*alive) return;
  }
}

}  // namespace zel::io
