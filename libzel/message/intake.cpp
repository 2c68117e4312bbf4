// Why: see intake.hpp.
#include "libzel/message/intake.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace zel::message {
namespace {

/// Memory of small messages is kept for the next; the rest is given back.
constexpr std::size_t kept_body_bytes = 4096;
/// A message may announce more than there is memory: beyond this its place grows as its bytes come.
constexpr std::uint64_t max_reserved_bytes = 64u << 20;

/// Users' tags end at max_tag; those of collective operations may be any that are not negative.
constexpr std::uint32_t max_wire_tag(std::uint8_t context) {
  return context == static_cast<std::uint8_t>(Context::collective) ? 0x7fff'ffff : static_cast<std::uint32_t>(max_tag);
}

Envelope envelope_of(const Header& header) {
  return {header.from, header.tag, static_cast<std::size_t>(header.bytes)};
}

void put(Receive& receive, std::uint64_t at, std::span<const std::byte> bytes) {
  if (receive.vector) {
    receive.vector->insert(receive.vector->end(), bytes.begin(), bytes.end());
  } else if (!bytes.empty()) {
    std::memcpy(receive.into.data() + at, bytes.data(), bytes.size());
  }
}

bool fits(const Receive& receive, const Header& header) {
  return receive.vector || header.bytes <= receive.into.size();
}

}  // namespace

Intake::Intake(int ranks)
    : matcher_(ranks), streams_(static_cast<std::size_t>(ranks)), unreceived_(static_cast<std::size_t>(ranks)) {}

void Intake::post(Receive& receive) {
  if (free_receives_.empty()) {
    receives_.push_back(nullptr);
    free_receives_.push_back(static_cast<ReceiveId>(receives_.size() - 1));
  }
  receive.id = free_receives_.back();
  free_receives_.pop_back();
  receives_[receive.id] = &receive;
  receive.order = matcher_.order();
  find_message(receive);
}

void Intake::find_message(Receive& receive) {
  receive.state = Receive::State::posted;
  const auto found = matcher_.find(receive.pattern);
  if (found && !fits(receive, matcher_.header(*found))) {
    receive.state = Receive::State::too_large;
    receive.envelope = envelope_of(matcher_.header(*found));
  } else if (const auto id = matcher_.receive(receive.id, receive.pattern, receive.order)) {
    hand_over(*id, receive);
  }
}

void Intake::end(Receive& receive) {
  if (receive.state == Receive::State::posted) matcher_.withdraw(receive.id);
  if (receive.state == Receive::State::filling) stream(receive.envelope.from).target = Target::nowhere;
  receives_[receive.id] = nullptr;
  free_receives_.push_back(receive.id);
  if (watched_ == &receive) watched_ = nullptr;
}

/// The message `id`, which the matcher has forgotten, goes to `receive`, and so does what is still to come.
void Intake::hand_over(MessageId id, Receive& receive) {
  const Header header = matcher_.header(id);
  Body& body = bodies_[id];
  receive.envelope = envelope_of(header);
  receive.state = Receive::State::done;
  if (!body.complete) {
    receive.state = Receive::State::filling;
    stream(header.from).target = Target::receive;
    stream(header.from).id = receive.id;
  }
  if (receive.vector) {
    *receive.vector = std::move(body.bytes);
  } else {
    put(receive, 0, body.bytes);
  }
  release(id, header);
}

void Intake::release(MessageId id, const Header& header) {
  Body& body = bodies_[id];
  body.bytes.clear();
  if (body.bytes.capacity() > kept_body_bytes) body.bytes = {};
  free_ids_.push_back(id);
  unreceived_[static_cast<std::size_t>(header.from)] -= header.bytes + bookkeeping_bytes;
}

/// Stores the begin of a message no receive waits for.
MessageId Intake::store(const Header& header, std::span<const std::byte> payload) {
  if (free_ids_.empty()) {
    bodies_.emplace_back();
    free_ids_.push_back(static_cast<MessageId>(bodies_.size() - 1));
  }
  const MessageId id = free_ids_.back();
  Body& body = bodies_[id];
  body.bytes.reserve(std::min(header.bytes, max_reserved_bytes));
  body.bytes.assign(payload.begin(), payload.end());
  body.complete = payload.size() == header.bytes;
  matcher_.queue(id, header);
  free_ids_.pop_back();
  unreceived_[static_cast<std::size_t>(header.from)] += header.bytes + bookkeeping_bytes;
  return id;
}

/// The receive that takes the message, no longer posted; those it does not fit into are over.
Receive* Intake::find_receive(const Header& header) {
  while (const auto id = matcher_.taker(header)) {
    Receive& receive = *receives_[*id];
    if (fits(receive, header)) {
      if (receive.vector) {
        receive.vector->clear();
        receive.vector->reserve(std::min(header.bytes, max_reserved_bytes));
      }
      matcher_.arrive(header);
      return &receive;
    }
    matcher_.arrive(header);
    receive.state = Receive::State::too_large;
    receive.envelope = envelope_of(header);
  }
  return nullptr;
}

void Intake::start_receive(Receive& receive, const Header& header, std::span<const std::byte> payload) {
  put(receive, 0, payload);
  receive.envelope = envelope_of(header);
  receive.state = payload.size() == header.bytes ? Receive::State::done : Receive::State::filling;
}

Intake::Taken Intake::take(int from, const net::Record& record, bool beyond_limit) {
  switch (record.kind) {
    case net::RecordKind::whole:
    case net::RecordKind::first:
      return take_start(from, record, beyond_limit);
    case net::RecordKind::more:
      return take_more(from, record.payload);
    case net::RecordKind::abandon:
      if (stream(from).target == Target::none) return Taken::damaged;
      drop_incomplete(from);
      return Taken::yes;
    case net::RecordKind::skip:
      break;
  }
  return Taken::damaged;
}

Intake::Taken Intake::take_start(int from, const net::Record& record, bool beyond_limit) {
  Stream& stream = this->stream(from);
  if (stream.target != Target::none || record.context >= detail::context_count ||
      record.tag > max_wire_tag(record.context) || record.total_bytes > max_message_bytes ||
      record.payload.size() > record.total_bytes) {
    return Taken::damaged;
  }
  const Header header{static_cast<Context>(record.context), from, static_cast<int>(record.tag), record.total_bytes};
  const bool incomplete = record.payload.size() < record.total_bytes;
  Target target = Target::body;
  std::uint32_t id = 0;
  if (Receive* receive = find_receive(header)) {
    start_receive(*receive, header, record.payload);
    target = Target::receive;
    id = receive->id;
  } else {
    if (!beyond_limit && unreceived_bytes(from) >= max_unreceived_bytes) return Taken::held;
    id = store(header, record.payload);
  }
  if (incomplete) stream = {target, id, record.total_bytes, record.payload.size()};
  return Taken::yes;
}

Intake::Taken Intake::take_more(int from, std::span<const std::byte> payload) {
  Stream& stream = this->stream(from);
  if (stream.target == Target::none || payload.empty() || payload.size() > stream.total - stream.taken) {
    return Taken::damaged;
  }
  if (stream.target == Target::body) {
    auto& bytes = bodies_[stream.id].bytes;
    bytes.insert(bytes.end(), payload.begin(), payload.end());
  } else if (stream.target == Target::receive) {
    put(*receives_[stream.id], stream.taken, payload);
  }
  stream.taken += payload.size();
  if (stream.taken < stream.total) return Taken::yes;
  if (stream.target == Target::body) bodies_[stream.id].complete = true;
  if (stream.target == Target::receive) receives_[stream.id]->state = Receive::State::done;
  stream = {};
  return Taken::yes;
}

bool Intake::take_own(const Header& header, std::span<const std::byte> bytes) {
  if (Receive* receive = find_receive(header)) {
    start_receive(*receive, header, bytes);
    return true;
  }
  if (unreceived_bytes(header.from) >= max_unreceived_bytes) return false;
  store(header, bytes);
  return true;
}

void Intake::drop_incomplete(int from) {
  const Stream stream = std::exchange(this->stream(from), {});
  if (stream.target == Target::body) {
    matcher_.drop(stream.id);
    release(stream.id, matcher_.header(stream.id));
  } else if (stream.target == Target::receive) {
    find_message(*receives_[stream.id]);
  }
}

std::optional<Envelope> Intake::find(const Pattern& pattern) const {
  const auto id = matcher_.find(pattern);
  if (!id) return std::nullopt;
  return envelope_of(matcher_.header(*id));
}

}  // namespace zel::message
