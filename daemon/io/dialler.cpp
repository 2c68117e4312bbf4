#include "daemon/io/dialler.hpp"

#include "daemon/io/handshake.hpp"

namespace zel::io {

using namespace wire::link;

namespace {

zmq::socket_t new_socket(LinkGround& ground, const wire::overlay::Address& address) {
  zmq::socket_t socket(ground.context, ZMQ_DEALER);
  set_link_options(socket, ground.limits(), address.host.find(':') != std::string::npos);
  socket.set(zmq::sockopt::reconnect_ivl, -1);
  socket.set(zmq::sockopt::immediate, true);  // nothing is queued for a connection that is not there
  socket.set(zmq::sockopt::curve_serverkey, zmq::const_buffer(ground.answering.id.bytes.data(), 32));
  socket.set(zmq::sockopt::curve_publickey, zmq::const_buffer(ground.setup.keys.id.bytes.data(), 32));
  socket.set(zmq::sockopt::curve_secretkey, zmq::const_buffer(ground.setup.keys.secret.data(), 32));
  return socket;
}

constexpr int ends = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED | handshake_failures;

}  // namespace

Dialler::Dialler(LinkGround& ground, wire::overlay::Address address, Owner& owner)
    : ground_(ground),
      address_(std::move(address)),
      owner_(&owner),
      nonce_(new_nonce()),
      unsaid_(Hello{version, nonce_, ground.setup.name.substr(0, max_name_bytes)}),
      fresh_(new_socket(ground, address_)),
      monitor_(ground, fresh_, ends, [this](int event, std::uint32_t value) { on_monitor(event, value); }),
      socket_(
          ground.loop, std::move(fresh_),
          [this](ZmqSocket::Frames& frames) {
            if (frames.size() == 1) return on_frame(frames[0]);
            closed("it sent a message in pieces");
          },
          [this] { try_writing(); }) {
  ::zmq_connect(socket_.raw().handle(), endpoint_of(address_.host, address_.port).c_str());
}

void Dialler::on_monitor(int event, std::uint32_t) {
  socket_.drain();  // what it said before it went
  if ((event & handshake_failures) != 0)
    return closed("the CURVE handshake failed; is it of the same realm?");
  if (event == ZMQ_EVENT_CLOSED) return closed("nobody listens there, or the address cannot be reached");
  closed("the connection ended");
}

void Dialler::try_writing() {
  if (unsaid_ && say(*unsaid_) == Sent::taken) unsaid_.reset();
  if (state_ == State::dialling && !unsaid_) state_ = State::greeted;
  if (state_ == State::open && !unsaid_) owner_->on_writable(*this);
}

Sent Dialler::say(const Control& control) { return socket_.send(encode(control), {}); }

void Dialler::settle() {
  state_ = State::open;
  if (say(Settled{}) != Sent::taken) unsaid_ = Settled{};
}

Sent Dialler::send(base::ByteView payload) {
  if (state_ != State::open) return Sent::no_route;
  if (unsaid_) return Sent::full;
  return socket_.send({&payload_mark, 1}, payload);
}

void Dialler::close_gently() {
  if (state_ != State::open) return closed("");
  state_ = State::leaving;
  if (say(Goodbye{}) != Sent::taken) unsaid_ = Goodbye{};
}

void Dialler::on_frame(zmq::message_t& message) {
  if (state_ == State::closed) return;
  auto frame = decode({message.data<std::byte>(), message.size()});
  if (!frame) {
    ground_.count(LinkCount::malformed,
                  "a malformed message from " + address_.host + ": " + frame.error().text);
    return closed("it sent a malformed message");
  }
  if (const auto* control = std::get_if<Control>(&*frame)) return on_control(*control);
  if (state_ != State::open && state_ != State::leaving) return closed("it sent a payload before its proof");
  owner_->on_payload(*this, std::get<base::ByteView>(*frame));
}

void Dialler::on_control(const Control& control) {
  if (const auto* proof = std::get_if<Proof>(&control); proof && state_ == State::greeted)
    return on_proof(*proof);
  if (std::holds_alternative<Nudge>(control)) return;
  if (std::holds_alternative<Goodbye>(control))
    return closed(state_ == State::leaving ? "" : "it closed the link");
  if (const auto* reject = std::get_if<Reject>(&control)) {
    if (reject->reason == Reason::wrong_version) {
      ground_.count(LinkCount::wrong_version, address_.host + " speaks another version of links than " +
                                                  std::to_string(version) +
                                                  "; bring both nodes to one version of zel");
    }
    return closed(std::string(text_of(reject->reason)));
  }
  ground_.count(LinkCount::malformed, "a message out of turn from " + address_.host);
  closed("it sent a message out of turn");
}

void Dialler::on_proof(const Proof& proof) {
  if (!proved(proof, ground_.setup.keys, nonce_)) {
    ground_.count(LinkCount::wrong_identity,
                  address_.host + " could not prove to be " + proof.id.short_text());
    return closed("it could not prove who it is");
  }
  peer_ = proof.id;
  seen_ = proof.seen;
  state_ = State::proved;
  owner_->on_proved(*this);
}

void Dialler::closed(const std::string& why) {
  if (state_ == State::closed) return;
  const bool gently = state_ == State::leaving;
  state_ = State::closed;
  owner_->on_closed(*this, gently ? "" : why);
}

}  // namespace zel::io
