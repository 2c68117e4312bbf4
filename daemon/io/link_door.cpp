#include "daemon/io/link_door.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "daemon/io/admission.hpp"
#include "daemon/io/handshake.hpp"

namespace zel::io {

using namespace wire::link;

namespace {

constexpr base::Duration look_interval = std::chrono::seconds(10);
// ZeroMQ tells that a connection ended before its ROUTER forgets the route.
constexpr base::Duration look_delay = std::chrono::milliseconds(50);

/// ZeroMQ has no call for it. Its own thread may have closed the descriptor meanwhile and have another connection
/// under its number; if that is one at this port, it is made anew, if it is not, it is left alone.
void cut(int descriptor, std::uint16_t port) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) return;
  std::uint16_t at = 0;
  if (own.ss_family == AF_INET) at = reinterpret_cast<const sockaddr_in&>(own).sin_port;
  if (own.ss_family == AF_INET6) at = reinterpret_cast<const sockaddr_in6&>(own).sin6_port;
  int listens = 1;
  socklen_t int_size = sizeof listens;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &int_size) != 0 || listens != 0) return;
  if (ntohs(at) == port) ::shutdown(descriptor, SHUT_RDWR);
}

}  // namespace

base::Result<std::unique_ptr<LinkDoor>> LinkDoor::open(LinkGround& ground,
                                                       const wire::overlay::Address& address, Owner& owner) {
  const std::string endpoint = endpoint_of(address.host, address.port);
  try {
    zmq::socket_t socket(ground.context, ZMQ_ROUTER);
    set_link_options(socket, ground.limits(), address.host.find(':') != std::string::npos);
    socket.set(zmq::sockopt::router_mandatory, true);
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(ground.answering.secret.data(), 32));
    socket.set(zmq::sockopt::zap_domain, "zel");
    if (::zmq_bind(socket.handle(), endpoint.c_str()) != 0) {
      const bool taken = ::zmq_errno() == EADDRINUSE;
      return base::fail(taken ? base::Errc::limit_reached : base::Errc::system,
                        "cannot listen on " + endpoint + ": " +
                            (taken ? "another program does; choose another port, or port 0 for a free one"
                                   : ::zmq_strerror(::zmq_errno())));
    }
    const std::string bound = socket.get(zmq::sockopt::last_endpoint);
    const auto port = static_cast<std::uint16_t>(std::stoul(bound.substr(bound.rfind(':') + 1)));
    return std::make_unique<LinkDoor>(ground, std::move(socket), port, owner);
  } catch (const zmq::error_t& error) {
    return base::fail(base::Errc::system, "cannot listen on " + endpoint + ": " + error.what());
  }
}

LinkDoor::LinkDoor(LinkGround& ground, zmq::socket_t socket, std::uint16_t port, Owner& owner)
    : ground_(ground),
      owner_(owner),
      port_(port),
      fresh_(std::move(socket)),
      arrivals_(ground.limits().arrivals, 2 * ground.limits().handshake),
      look_soon_(ground.loop, [this] { look_after(true); }),
      monitor_(ground, fresh_, ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED,
               [this](int event, std::uint32_t value) {
                 const int descriptor = static_cast<int>(value);
                 if (event == ZMQ_EVENT_DISCONNECTED) return on_disconnected(descriptor);
                 arrivals_.on_accepted(descriptor, ground_.loop.now());
                 cut_unwanted();
               }),
      socket_(
          ground.loop, std::move(fresh_), [this](ZmqSocket::Frames& frames) { on_frames(frames); },
          [this] { owner_.on_writable(*this); }) {}

void LinkDoor::on_disconnected(int descriptor) {
  socket_.drain();  // what it said before it went
  if (!arrivals_.on_gone(descriptor)) {
    return ground_.count(LinkCount::foreign_peer, "somebody connected to port " + std::to_string(port_) +
                                                      " who is not a node of this realm");
  }
  for (auto& [route, visitor] : visitors_) {
    if (visitor.descriptor == descriptor) visitor.suspect = true;
  }
  look_soon_.set(ground_.loop.now() + look_delay);
}

void LinkDoor::cut_unwanted() {
  for (const int descriptor : arrivals_.take_unwanted(ground_.loop.now())) cut(descriptor, port_);
}

void LinkDoor::turn_out(const std::string& route) {
  const auto found = visitors_.find(route);
  if (found == visitors_.end()) return;
  if (!found->second.suspect) cut(found->second.descriptor, port_);
  visitors_.erase(found);
}

void LinkDoor::turn_out_unsettled() {
  const base::Time late = ground_.loop.now() - ground_.limits().handshake;
  std::vector<std::string> unsettled;
  for (const auto& [route, visitor] : visitors_) {
    if (!visitor.settled && visitor.since <= late) unsettled.push_back(route);
  }
  for (const std::string& route : unsettled) turn_out(route);
}

void LinkDoor::on_frames(ZmqSocket::Frames& frames) {
  if (frames.size() < 2) return;
  const std::string route = frames[0].to_string();
  const auto peer = sender_of(frames[1]);
  if (!peer) return;
  const int descriptor = ::zmq_msg_get(frames[1].handle(), ZMQ_SRCFD);
  arrivals_.on_spoke(descriptor);
  auto frame = decode({frames[1].data<std::byte>(), frames[1].size()});
  if (!frame || frames.size() > 2) {
    ground_.count(LinkCount::malformed, "a malformed message from " + peer->short_text());
    reject(route, Reason::unknown_link);
    if (visitors_.contains(route)) arrivals_.on_dismissed(descriptor, ground_.loop.now());
    return gone(route, "it sent a malformed message");
  }
  if (const auto* control = std::get_if<Control>(&*frame)) {
    return on_control(route, *peer, descriptor, *control, address_of_sender(frames[1]));
  }
  const auto visitor = visitors_.find(route);
  if (visitor == visitors_.end() || !visitor->second.settled) {
    ground_.count(LinkCount::unknown_link,
                  "a message from " + peer->short_text() + " on a link that is not open");
    return reject(route, Reason::unknown_link);
  }
  visitor->second.looked_after = ground_.loop.now();
  owner_.on_payload(*peer, std::get<base::ByteView>(*frame));
}

void LinkDoor::on_control(const std::string& route, const base::NodeId& peer, int descriptor,
                          const Control& control, std::string seen) {
  const auto visitor = visitors_.find(route);
  if (const auto* hello = std::get_if<Hello>(&control); hello && visitor == visitors_.end()) {
    return greet(route, peer, descriptor, *hello, std::move(seen));
  }
  if (visitor == visitors_.end()) return reject(route, Reason::unknown_link);
  if (std::holds_alternative<Settled>(control) && !visitor->second.settled) {
    visitor->second.settled = true;
    return owner_.on_settled(*this, route, peer);
  }
  if (std::holds_alternative<Goodbye>(control)) {
    // The last thing on this route: whatever was sent before it is read before it.
    say(route, Goodbye{});
    arrivals_.on_dismissed(descriptor, ground_.loop.now());
    return gone(route, "");
  }
  ground_.count(LinkCount::malformed, "a message out of turn from " + peer.short_text());
  reject(route, Reason::unknown_link);
  arrivals_.on_dismissed(descriptor, ground_.loop.now());
  gone(route, "it sent a message out of turn");
}

void LinkDoor::greet(const std::string& route, const base::NodeId& peer, int descriptor, const Hello& hello,
                     std::string seen) {
  if (hello.protocol != version) {
    ground_.count(LinkCount::wrong_version, hello.name + " (" + peer.short_text() + ") speaks version " +
                                                std::to_string(hello.protocol) +
                                                " of links, this node speaks " + std::to_string(version));
    return reject(route, Reason::wrong_version);
  }
  if (!owner_.has_room(*this)) {
    ground_.count(LinkCount::full, "no room for a link from " + peer.short_text());
    return reject(route, Reason::full);
  }
  const base::Time now = ground_.loop.now();
  visitors_.emplace(route, Visitor{peer, false, descriptor, false, now, now});
  arrivals_.on_greeted(descriptor);
  Proof proof = prove(ground_.setup.keys, peer, hello.nonce);
  if (seen.size() <= max_seen_bytes) proof.seen = std::move(seen);
  say(route, proof);
}

Sent LinkDoor::say(const std::string& route, const Control& control) {
  return socket_.send_to(route, encode(control), {});
}

Sent LinkDoor::send(const std::string& route, base::ByteView payload) {
  return socket_.send_to(route, {&payload_mark, 1}, payload);
}

void LinkDoor::sweep() {
  cut_unwanted();
  turn_out_unsettled();
  look_after(false);
}

void LinkDoor::look_after(bool suspects_only) {
  const base::Time now = ground_.loop.now();
  std::vector<std::string> lost;
  for (auto& [route, visitor] : visitors_) {
    const bool suspect = std::exchange(visitor.suspect, false);
    if (!suspect && (suspects_only || now - visitor.looked_after < look_interval)) continue;
    visitor.looked_after = now;
    if (say(route, Nudge{}) == Sent::no_route) lost.push_back(route);
  }
  for (const std::string& route : lost) gone(route, "the connection ended");
}

void LinkDoor::gone(const std::string& route, const std::string& why) {
  const auto found = visitors_.find(route);
  if (found == visitors_.end()) return;
  const Visitor visitor = found->second;
  visitors_.erase(found);
  if (visitor.settled) owner_.on_gone(*this, route, visitor.peer, why);
}

}  // namespace zel::io
