// Why: see sending.hpp.
#include "libzel/message/sending.hpp"

#include <algorithm>
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

Sending::Sending(int rank, int size, Progress& progress) : rank_(rank), size_(size), progress_(progress) {}

void Sending::send(int to, Context context, int tag, std::span<const std::byte> bytes) {
  if (to < 0 || to >= size_) throw_bad_rank(to, size_);
  if (tag < 0 || tag > max_tag) throw_bad_tag(tag);
  if (bytes.size() > max_message_bytes) throw Error(Errc::too_large, "a message cannot be larger than 1 TiB");
  if (to == rank_) return send_to_self(context, tag, bytes);
  progress_.hear_departures();
  if (progress_.gone(to)) progress_.throw_fate(to);
  Outgoing message{to, writer(to), context, tag, bytes};
  write(message);
  if (!message.complete()) send_in_turns(message);
}

void Sending::send_to_self(Context context, int tag, std::span<const std::byte> bytes) {
  if (progress_.intake().take_own({context, rank_, tag, bytes.size()}, bytes)) return;
  throw Error(Errc::limit_reached, "too much that this rank sent to itself lies unreceived: receive it first", rank_);
}

net::Writer* Sending::writer(int to) {
  const auto writer = progress_.reach()->writer(to);
  if (!writer) throw_as_zel(writer.error());
  return *writer;
}

/// Writes as much as there is room for.
void Sending::write(Outgoing& message) {
  while (!message.complete()) {
    const auto outcome = write_record(message);
    if (outcome == net::Writer::Outcome::full) return;
    if (outcome == net::Writer::Outcome::damaged) {
      throw Error(Errc::malformed, "what rank " + std::to_string(message.to) +
                                       " answered is damaged: look for stray writes to memory in it",
                  message.to);
    }
    if (outcome == net::Writer::Outcome::unreachable) {
      throw Error(Errc::node_lost, "this rank's node is gone: it took no more messages for other hosts");
    }
    progress_.reach()->ring(message.to);
  }
}

net::Writer::Outcome Sending::write_record(Outgoing& message) {
  const auto context = static_cast<std::uint8_t>(message.context);
  const auto tag = static_cast<std::uint32_t>(message.tag);
  const std::size_t total = message.bytes.size();
  const auto part = message.bytes.subspan(message.sent, std::min(total - message.sent, message.writer->max_payload()));
  auto kind = net::RecordKind::more;
  if (!message.begun) {
    if (!progress_.finish_abandoned(message.to)) return net::Writer::Outcome::full;
    kind = part.size() == total ? net::RecordKind::whole : net::RecordKind::first;
  }
  const auto outcome = message.writer->write(kind, context, tag, total, part);
  if (outcome == net::Writer::Outcome::written) {
    message.begun = true;
    message.sent += part.size();
  }
  return outcome;
}

void Sending::send_in_turns(Outgoing& message) {
  try {
    progress_.wait(net::Deadline::none(), [&](Depth depth) { return look(message, depth); });
  } catch (...) {
    if (message.begun) progress_.abandon(message.to, message.writer);
    throw;
  }
}

bool Sending::look(Outgoing& message, Depth depth) {
  if (depth == Depth::before_sleep) message.writer->ask_for_room();
  write(message);
  if (message.complete()) return true;
  if (depth == Depth::quick) return false;
  progress_.look_around();
  if (progress_.gone(message.to)) progress_.throw_fate(message.to);
  progress_.check_wait();
  return false;
}

}  // namespace zel::message
