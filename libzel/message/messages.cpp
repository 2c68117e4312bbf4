// Why: zel::Messages is the user's context of the message engine.
#include "zel/messages.hpp"

#include <string>
#include <utility>

#include "libzel/message/message_state.hpp"

namespace zel {

using detail::Context;

Messages::Messages(std::unique_ptr<detail::MessageState> state) : state_(std::move(state)) {}
Messages::~Messages() = default;

void Messages::send_bytes(int to, std::span<const std::byte> bytes, int tag) {
  state_->send(to, Context::user, tag, bytes);
}

Envelope Messages::receive_bytes(std::span<std::byte> into, int from, int tag) {
  return state_->receive_into(into, Context::user, from, tag);
}

std::vector<std::byte> Messages::receive_bytes(int from, int tag, Envelope* envelope) {
  return state_->receive(Context::user, from, tag, envelope);
}

std::optional<Envelope> Messages::probe(int from, int tag) { return state_->probe(Context::user, from, tag); }

Envelope Messages::wait_probe(int from, int tag) {
  return state_->wait_probe(Context::user, from, tag, base::Duration(-1)).value();
}

Request Messages::isend_bytes(int to, std::span<const std::byte> bytes, int tag) {
  return state_->isend(to, Context::user, tag, bytes);
}

Request Messages::isend_kept(int to, std::vector<std::byte> bytes, int tag) {
  return state_->isend_kept(to, Context::user, tag, std::move(bytes));
}

Request Messages::ireceive_bytes(std::span<std::byte> into, int from, int tag) {
  return state_->ireceive(into, Context::user, from, tag);
}

Request Messages::ireceive_bytes(std::vector<std::byte>& into, int from, int tag) {
  return state_->ireceive(into, Context::user, from, tag);
}

View Messages::receive_view(int from, int tag) { return state_->receive_view(Context::user, from, tag); }

void Messages::barrier() { state_->barrier(); }

void Messages::throw_wrong_size(const Envelope& got, std::size_t wanted) {
  throw Error(Errc::malformed, "a message of " + std::to_string(got.bytes) + " bytes from rank " +
                                   std::to_string(got.from) + " is not the value of " + std::to_string(wanted) +
                                   " bytes that was asked for", got.from);
}

}  // namespace zel
