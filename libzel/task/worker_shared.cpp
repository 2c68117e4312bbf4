// Why: how a worker spreads shared values, beside the steal engine and over the same transport.
#include "libzel/task/shared_message.hpp"
#include "libzel/task/worker.hpp"

namespace zel::task {

void Worker::take_shared(const Received& received) {
  const auto message = decode_shared(received.bytes);
  if (!message) {
    ++dropped_.malformed;
  } else if (!message->told) {
    if (!spread_.on_answer(received.from, message->key)) ++dropped_.malformed;
  } else if (spread_.on_told(received.from, message->key, message->value)) {
    send_shared(received.from, encode_shared_heard(setup_.epoch, message->key));
  } else {
    ++dropped_.malformed;
  }
}

void Worker::spread() {
  if (failure_ || outcome_ || transport_.size() == 1) return;
  const base::Time deadline = spread_.next_deadline();
  if (deadline == base::never) return;
  const base::Time now = clock_.now();
  if (now < deadline) return;
  for (const Tell& tell : spread_.take_due(now)) {
    send_shared(tell.to, encode_shared_told(setup_.epoch, tell.key, tell.value));
  }
}

void Worker::send_shared(int to, const base::Bytes& bytes) {
  try {
    if (transport_.send(to, bytes)) return;
    gone_.push_back(to);  // buried like the others, after what it sent is read
    ++changes_;
  } catch (...) {
    fail(std::current_exception());
  }
}

}  // namespace zel::task
