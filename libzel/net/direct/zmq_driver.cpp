// Why: see zmq_driver.hpp.
#include "libzel/net/direct/zmq_driver.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace zel::net {

namespace {

constexpr int linger_ms = 2000;
constexpr int messages_per_pump = 64;
constexpr std::size_t copied_bytes = 4096;  // smaller frames are copied into a message, larger ones lent
constexpr std::size_t curve_bytes = 128;    // what encryption adds, and more
constexpr int backlog = 64;                 // connections the kernel keeps until they are looked at

/// A message that came, for as long as somebody reads it.
struct Held {
  Held() { zmq_msg_init(&message); }
  ~Held() { zmq_msg_close(&message); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::span<const std::byte> bytes() {
    return {static_cast<const std::byte*>(zmq_msg_data(&message)), zmq_msg_size(&message)};
  }
  zmq_msg_t message;
};

std::string in_brackets(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::optional<int> rank_of(zmq_msg_t& message) {
  const char* user = zmq_msg_gets(&message, "User-Id");
  int rank = -1;
  if (!user || std::from_chars(user, user + std::strlen(user), rank).ec != std::errc()) return std::nullopt;
  return rank;
}

void let_go(void*, void* hint) { delete static_cast<Frame*>(hint); }

bool send_frame(void* socket, const Frame& frame) {
  zmq_msg_t message;
  if (frame->size() <= copied_bytes) {
    if (zmq_msg_init_size(&message, frame->size()) != 0) return false;
    std::memcpy(zmq_msg_data(&message), frame->data(), frame->size());
  } else {
    // ZeroMQ only reads it.
    zmq_msg_init_data(&message, const_cast<std::byte*>(frame->data()), frame->size(), let_go, new Frame(frame));
  }
  if (uninterrupted([&] { return zmq_msg_send(&message, socket, ZMQ_DONTWAIT); }) >= 0) return true;
  zmq_msg_close(&message);
  return false;
}

}  // namespace

ZmqDriver::~ZmqDriver() {
  dialled_.clear();
  listener_ = ZmqSocket();
  gatekeeper_ = Gatekeeper();
  if (context_) zmq_ctx_term(context_);
}

std::string ZmqDriver::open(const std::vector<std::string>& addresses) {
  std::array<char, 41> public_text{};
  std::array<char, 41> secret_text{};
  context_ = zmq_ctx_new();
  if (!context_ || zmq_curve_keypair(public_text.data(), secret_text.data()) != 0) return "ZeroMQ has no CURVE here";
  zmq_z85_decode(public_key_.data(), public_text.data());
  zmq_z85_decode(secret_key_.data(), secret_text.data());
  zmq_ctx_set(context_, ZMQ_MAX_SOCKETS, 16384);
  if (!gatekeeper_.open(context_)) return std::string("no ZAP handler: ") + zmq_strerror(errno);
  listener_ = ZmqSocket(context_, ZMQ_ROUTER);
  const int server = 1;
  if (!listener_ || !set_up(listener_) || !listener_.set(ZMQ_CURVE_SERVER, server) ||
      !listener_.set(ZMQ_CURVE_SECRETKEY, secret_key_.data(), secret_key_.size()) ||
      !listener_.set(ZMQ_ZAP_DOMAIN, zap_domain, std::strlen(zap_domain)) || !listener_.set(ZMQ_ROUTER_MANDATORY, 1) ||
      !listener_.set(ZMQ_BACKLOG, backlog) ||
      !listener_.watch(context_, "inproc://listener", ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED)) {
    return std::string("no listening socket: ") + zmq_strerror(errno);
  }
  bool any = false;
  for (const auto& address : addresses) any = listen(address) || any;
  if (!any) return std::string("it cannot listen on any address of its node: ") + zmq_strerror(errno);
  return {};
}

/// All addresses share one port if that is to be had.
bool ZmqDriver::listen(const std::string& address) {
  const std::string port = port_ == 0 ? "*" : std::to_string(port_);
  if (zmq_bind(listener_.get(), ("tcp://" + in_brackets(address) + ":" + port).c_str()) != 0) return false;
  if (port_ != 0) return true;
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  uninterrupted([&] { return zmq_getsockopt(listener_.get(), ZMQ_LAST_ENDPOINT, endpoint.data(), &size); });
  const char* colon = std::strrchr(endpoint.data(), ':');
  if (colon) port_ = static_cast<std::uint16_t>(std::strtoul(colon + 1, nullptr, 10));
  return port_ != 0;
}

bool ZmqDriver::set_up(ZmqSocket& socket) {
  const std::int64_t largest = static_cast<std::int64_t>(max_link_frame_bytes + curve_bytes);
  return socket.set(ZMQ_LINGER, linger_ms) && socket.set(ZMQ_IPV6, 1) && socket.set(ZMQ_SNDHWM, 0) &&
         socket.set(ZMQ_RCVHWM, 0) && socket.set(ZMQ_HEARTBEAT_IVL, 2000) && socket.set(ZMQ_HEARTBEAT_TIMEOUT, 6000) &&
         socket.set(ZMQ_HEARTBEAT_TTL, 6000) && socket.set(ZMQ_HANDSHAKE_IVL, 5000) &&
         socket.set(ZMQ_MAXMSGSIZE, &largest, sizeof largest);
}

ConnectionId ZmqDriver::dial(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port) {
  return start(rank, key, "tcp://" + in_brackets(address) + ":" + std::to_string(port), false, false);
}

ConnectionId ZmqDriver::meet(int rank, const wire::paths::Key& key, const std::string& address, std::uint16_t port,
                             std::uint16_t own_port, bool serve) {
  const bool six = address.find(':') != std::string::npos;
  return start(rank, key,
               "tcp://" + std::string(six ? "[::]" : "0.0.0.0") + ":" + std::to_string(own_port) + ";" +
                   in_brackets(address) + ":" + std::to_string(port),
               true, serve);
}

ConnectionId ZmqDriver::start(int rank, const wire::paths::Key& key, const std::string& endpoint, bool meets, bool serve) {
  constexpr int retry_ms = 40;
  const ConnectionId id = ++last_id_;
  Dialled& dialled = dialled_[id];
  dialled.rank = rank;
  dialled.again = meets;
  dialled.serves = serve;
  dialled.socket = ZmqSocket(context_, ZMQ_DEALER);
  ZmqSocket& socket = dialled.socket;
  bool good = socket && set_up(socket) && socket.set(ZMQ_RECONNECT_IVL, meets ? retry_ms : -1) &&
              socket.set(ZMQ_IMMEDIATE, 1) && socket.set(ZMQ_CURVE_SECRETKEY, secret_key_.data(), secret_key_.size());
  if (serve) {
    good = good && socket.set(ZMQ_CURVE_SERVER, 1) && socket.set(ZMQ_ZAP_DOMAIN, zap_domain, std::strlen(zap_domain));
  } else {
    good = good && socket.set(ZMQ_CURVE_PUBLICKEY, public_key_.data(), public_key_.size()) &&
           socket.set(ZMQ_CURVE_SERVERKEY, key.data(), key.size());
  }
  good = good && socket.watch(context_, "inproc://dial-" + std::to_string(id),
                              ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                  ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
                                  ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED);
  // What fails at once ends like what fails later: pump() says so.
  if (!good || zmq_connect(socket.get(), endpoint.c_str()) != 0) socket = ZmqSocket();
  return id;
}

LinkDriver::Sent ZmqDriver::send(ConnectionId connection, const Frame& frame) {
  void* socket = nullptr;
  bool* marked = nullptr;
  if (const auto found = dialled_.find(connection); found != dialled_.end()) {
    socket = found->second.socket.get();
    marked = &found->second.marked;
  } else if (const auto known = accepted_.find(connection); known != accepted_.end()) {
    const RoutingId& to = known->second.routing_id;
    if (uninterrupted([&] { return zmq_send(listener_.get(), to.data(), to.size(), ZMQ_SNDMORE | ZMQ_DONTWAIT); }) >= 0) socket = listener_.get();
    marked = &listener_marked_;
  }
  if (!socket || !send_frame(socket, frame)) return Sent::no;
  // Sending may have taken the sign that something came.
  int events = 0;
  std::size_t size = sizeof events;
  uninterrupted([&] { return zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size); });
  *marked = (events & ZMQ_POLLIN) != 0;
  return *marked ? Sent::look : Sent::yes;
}

void ZmqDriver::close(ConnectionId connection) {
  dialled_.erase(connection);
  // ZeroMQ gives no way to end what it accepted: whoever dialled does. What still comes is nobody's.
  const auto found = accepted_.find(connection);
  if (found != accepted_.end()) found->second.rank = -1;
}

bool ZmqDriver::pump(Sink& sink, Look look) {
  if (look == Look::thorough) {
    gatekeeper_.answer();
    read_listener_events();
  }
  bool more = (listener_marked_ || look != Look::marked) && read_accepted(sink);
  ids_.clear();
  for (const auto& [id, dialled] : dialled_) {
    if (dialled.marked || look != Look::marked) ids_.push_back(id);
  }
  for (const ConnectionId id : ids_) {
    const auto found = dialled_.find(id);
    if (found != dialled_.end()) more = read_dialled(id, found->second, sink, look == Look::thorough) || more;
  }
  if (!more) end_accepted(sink);
  return more;
}

void ZmqDriver::mark(std::span<const pollfd> polled) {
  for (const pollfd& one : polled) {
    if (one.revents == 0 || one.events != POLLIN) continue;
    if (one.fd == listener_.fd()) listener_marked_ = true;
    for (auto& [id, dialled] : dialled_) dialled.marked = dialled.marked || one.fd == dialled.socket.fd();
  }
}

bool ZmqDriver::read_dialled(ConnectionId id, Dialled& dialled, Sink& sink, bool thorough) {
  if (!dialled.socket) {
    dialled_.erase(id);
    sink.on_closed(id, "the address cannot be dialled");
    return false;
  }
  const int rank = dialled.rank;
  dialled.marked = true;
  for (int read = 0; read < messages_per_pump; ++read) {
    auto held = spare_ ? std::static_pointer_cast<Held>(std::exchange(spare_, nullptr)) : std::make_shared<Held>();
    if (uninterrupted([&] { return zmq_msg_recv(&held->message, dialled.socket.get(), ZMQ_DONTWAIT); }) < 0) {
      spare_ = std::move(held);
      dialled.marked = false;
      if (thorough) read_dialled_events(id, dialled, sink);
      return false;
    }
    const bool one_part = !zmq_msg_more(&held->message);
    while (zmq_msg_more(&held->message)) {
      if (uninterrupted([&] { return zmq_msg_recv(&held->message, dialled.socket.get(), 0); }) < 0) return false;
    }
    if (!one_part || (dialled.serves && rank_of(held->message) != rank)) continue;
    const auto bytes = held->bytes();
    sink.on_bytes(rank, id, bytes, std::move(held));
    if (!dialled_.contains(id)) return false;
  }
  return true;
}

/// After all that came before its end has been read.
void ZmqDriver::read_dialled_events(ConnectionId id, Dialled& dialled, Sink& sink) {
  while (const auto event = dialled.socket.next_event()) {
    std::string why;
    switch (event->kind) {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
        dialled.connected = true;
        sink.on_connected(id);
        if (!dialled_.contains(id)) return;
        continue;
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
      case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: why = "whoever answered has not the rank's key, or refused ours"; break;
      case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: why = "the connection ended in the handshake"; break;
      case ZMQ_EVENT_DISCONNECTED: why = "the connection broke"; break;
      default: why = "the connection was refused"; break;
    }
    if (dialled.again && !dialled.connected) continue;
    dialled_.erase(id);
    sink.on_closed(id, why);
    return;
  }
}

bool ZmqDriver::read_accepted(Sink& sink) {
  listener_marked_ = true;
  for (int read = 0; read < messages_per_pump; ++read) {
    if (read_one_accepted(sink)) continue;
    listener_marked_ = false;
    return false;
  }
  return true;
}

bool ZmqDriver::read_one_accepted(Sink& sink) {
  std::array<char, 256> routing_id{};
  const int size = uninterrupted([&] { return zmq_recv(listener_.get(), routing_id.data(), routing_id.size(), ZMQ_DONTWAIT); });
  if (size < 0) return false;
  auto held = std::make_shared<Held>();
  if (uninterrupted([&] { return zmq_msg_recv(&held->message, listener_.get(), 0); }) < 0) return false;
  bool one_part = true;
  while (zmq_msg_more(&held->message)) {
    one_part = false;
    if (uninterrupted([&] { return zmq_msg_recv(&held->message, listener_.get(), 0); }) < 0) return false;
  }
  const auto rank = rank_of(held->message);
  if (!rank || !one_part) return true;
  const RoutingId from(routing_id.data(), static_cast<std::size_t>(size));
  const int fd = zmq_msg_get(&held->message, ZMQ_SRCFD);
  auto known = by_routing_id_.find(from);
  if (known == by_routing_id_.end() || accepted_.at(known->second).fd != fd) {
    if (known != by_routing_id_.end()) accepted_.erase(known->second);
    known = by_routing_id_.insert_or_assign(from, ++last_id_).first;
    accepted_[last_id_] = {*rank, from, fd};
  }
  if (accepted_.at(known->second).rank != *rank) return true;
  const auto bytes = held->bytes();
  sink.on_bytes(*rank, known->second, bytes, std::move(held));
  return true;
}

void ZmqDriver::read_listener_events() {
  while (const auto event = listener_.next_event()) {
    if (event->kind == ZMQ_EVENT_ACCEPTED) {
      strangers_.on_accepted(event->value);
      continue;
    }
    strangers_.on_gone(event->value);
    for (const auto& [id, accepted] : accepted_) {
      if (accepted.fd == event->value) ended_.push_back(id);
    }
  }
  strangers_.cut_surplus(port_, [this](int descriptor) {
    return std::ranges::any_of(accepted_, [&](const auto& known) { return known.second.fd == descriptor; });
  });
}

/// What an ended connection brought has been read by now.
void ZmqDriver::end_accepted(Sink& sink) {
  for (const ConnectionId id : std::exchange(ended_, {})) {
    const auto found = accepted_.find(id);
    if (found == accepted_.end()) continue;
    const auto known = by_routing_id_.find(found->second.routing_id);
    if (known != by_routing_id_.end() && known->second == id) by_routing_id_.erase(known);
    accepted_.erase(found);
    sink.on_closed(id, "the connection broke");
  }
}

void ZmqDriver::descriptors(std::vector<pollfd>& polled) const {
  constexpr short thorough = POLLIN | POLLPRI;
  const auto add = [&](int fd, short events = POLLIN) {
    if (fd >= 0) polled.push_back({fd, events, 0});
  };
  add(gatekeeper_.fd(), thorough);
  add(listener_.fd());
  add(listener_.monitor_fd(), thorough);
  for (const auto& [id, dialled] : dialled_) {
    add(dialled.socket.fd());
    add(dialled.socket.monitor_fd(), thorough);
  }
}

}  // namespace zel::net

extern "C" __attribute__((visibility("default"))) zel::net::LinkDriver* zel_open_link_driver_1(
    const std::vector<std::string>& addresses, std::string& why) {
  auto driver = std::make_unique<zel::net::ZmqDriver>();
  why = driver->open(addresses);
  return why.empty() ? driver.release() : nullptr;
}
