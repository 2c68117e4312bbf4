#include "wire/node.hpp"

namespace zel::wire::node {

namespace {

base::Bytes tagged(Protocol protocol, const base::Bytes& payload) {
  base::Bytes bytes;
  bytes.reserve(payload.size() + 1);
  bytes.push_back(static_cast<std::byte>(protocol));
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

template <class Decoded>
base::Result<Message> widened(Decoded decoded) {
  if (!decoded) return tl::unexpected(decoded.error());
  return Message(std::move(*decoded));
}

}  // namespace

base::Bytes encode(const Message& message) {
  if (const auto* gossip = std::get_if<overlay::Message>(&message)) {
    return tagged(Protocol::overlay, overlay::encode(*gossip));
  }
  if (const auto* schedule = std::get_if<schedule::Message>(&message)) {
    return tagged(Protocol::schedule, schedule::encode(*schedule));
  }
  return tagged(Protocol::job, job::encode(std::get<job::Segment>(message)));
}

base::Result<Message> decode(base::ByteView bytes) {
  if (bytes.empty()) return base::fail(base::Errc::bad_message, "an empty message");
  const base::ByteView payload = bytes.subspan(1);
  switch (static_cast<Protocol>(bytes.front())) {
    case Protocol::overlay: return widened(overlay::decode(payload));
    case Protocol::schedule: return widened(schedule::decode(payload));
    case Protocol::job: return widened(job::decode_segment(payload));
    case Protocol::relay: break;
  }
  return base::fail(base::Errc::bad_message, "a message of no protocol known here");
}

}  // namespace zel::wire::node
