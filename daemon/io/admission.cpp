#include "daemon/io/admission.hpp"

#include <array>
#include <string>

#include "wire/address.hpp"

namespace zel::io {

namespace {

zmq::socket_t bound_handler(zmq::context_t& context) {
  zmq::socket_t socket(context, ZMQ_REP);
  socket.set(zmq::sockopt::linger, 0);
  socket.bind("inproc://zeromq.zap.01");
  return socket;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Admission::Admission(EventLoop& loop, zmq::context_t& context)
    : socket_(loop, bound_handler(context), [this](ZmqSocket::Frames& request) { answer(request); }) {}

void Admission::answer(ZmqSocket::Frames& request) {
  // version, request id, domain, address, identity, mechanism, client key
  base::NodeId client;
  const bool good = request.size() == 7 && request[5].to_string_view() == "CURVE" &&
                    request[6].size() == client.bytes.size();
  if (good) std::memcpy(client.bytes.data(), request[6].data(), client.bytes.size());
  const bool admitted = good && !client.is_nobody();
  const std::string request_id = request.size() > 1 ? request[1].to_string() : "";
  const std::string user = admitted ? client.text() : "";
  const std::array<std::string_view, 6> reply{
      "1.0", request_id, admitted ? "200" : "400", admitted ? "" : "not a CURVE peer", user, ""};
  for (std::size_t i = 0; i < reply.size(); ++i) {
    zmq::message_t part(reply[i].data(), reply[i].size());
    const int flags = ZMQ_DONTWAIT | (i + 1 < reply.size() ? ZMQ_SNDMORE : 0);
    uninterrupted([&] { return ::zmq_msg_send(part.handle(), socket_.raw().handle(), flags); });
  }
}

std::optional<base::NodeId> sender_of(zmq::message_t& message) {
  const char* const user = ::zmq_msg_gets(message.handle(), "User-Id");
  base::NodeId id;
  if (!user || std::strlen(user) != 2 * id.bytes.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = digit_of(user[2 * i]), low = digit_of(user[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

std::string address_of_sender(zmq::message_t& message) {
  const char* const address = ::zmq_msg_gets(message.handle(), "Peer-Address");
  return address ? wire::canonical_host(address) : std::string();
}

}  // namespace zel::io
