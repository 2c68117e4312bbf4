// Why: see sending.hpp.
#include "libzel/message/sending.hpp"

#include <string>

#include "zel/error.hpp"

namespace zel::message {

void throw_as_zel(const base::Error& error) {
  switch (error.code) {
    case base::Errc::limit_reached: throw Error(Errc::limit_reached, error.text);
    case base::Errc::bad_message: throw Error(Errc::malformed, error.text);
    default: throw Error(Errc::system, error.text);
  }
}

void throw_bad_rank(int rank, int size) {
  throw Error(Errc::usage, "there is no rank " + std::to_string(rank) + " in a job of " + std::to_string(size) +
                               ": ranks are 0 to " + std::to_string(size - 1));
}

void throw_bad_tag(int tag) {
  throw Error(Errc::usage,
              "a tag cannot be " + std::to_string(tag) + ": tags are 0 to " + std::to_string(max_tag));
}

void Sending::begin(Outgoing& message) {
  if (message.to < 0 || message.to >= size_) throw_bad_rank(message.to, size_);
  if (message.bytes.size() > max_message_bytes) throw Error(Errc::too_large, "a message cannot be larger than 1 TiB");
  if (message.to == rank_) return begin_to_self(message);
  progress_.hear_departures();
  if (progress_.gone(message.to)) progress_.throw_fate(message.to);
  message.writer = writer(message.to);
  progress_.outbox().send(message);
  message.throw_if_failed();
}

void Sending::send(int to, Context context, int tag, std::span<const std::byte> bytes) {
  if (tag < 0 || tag > max_tag) throw_bad_tag(tag);
  Outgoing message{.to = to, .context = context, .tag = tag, .bytes = bytes};
  begin(message);
  if (message.over()) return;
  try {
    progress_.wait(net::Deadline::none(), [&](Depth depth) {
      progress_.outbox().push(to);
      if (message.over()) return true;
      if (depth == Depth::quick) return false;
      progress_.look_around();
      if (!message.over()) progress_.check_wait();
      return message.over();
    });
  } catch (...) {
    progress_.outbox().withdraw(message);
    throw;
  }
  message.throw_if_failed();
}

void Sending::begin_to_self(Outgoing& message) {
  if (!progress_.intake().take_own({message.context, rank_, message.tag, message.bytes.size()}, message.bytes)) {
    throw Error(Errc::limit_reached, "too much that this rank sent to itself lies unreceived: receive it first", rank_);
  }
  message.begun = true;
  message.sent = message.bytes.size();
}

net::Writer* Sending::writer(int to) {
  const auto writer = progress_.reach()->writer(to);
  if (!writer) throw_as_zel(writer.error());
  return *writer;
}

}  // namespace zel::message
