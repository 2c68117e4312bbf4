#include "wire/overlay.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>

#include "wire/codec.hpp"

namespace zel::wire::overlay {

namespace {

// A coordinate farther out than light goes in this time is no coordinate of a node on earth.
constexpr float max_seconds = 10;

template <class Items>
bool all_valid(const Items& items) {
  return std::all_of(items.begin(), items.end(), [](const auto& item) { return valid(item); });
}

bool valid(const Rumour& rumour) {
  if (rumour.subject.is_nobody() || rumour.record.size() > 1 || rumour.incarnation > max_incarnation)
    return false;
  if (rumour.record.empty()) return true;
  const PeerRecord& record = rumour.record.front();
  return rumour.kind == RumourKind::alive && record.id == rumour.subject &&
         record.incarnation == rumour.incarnation && overlay::valid(record);
}

bool valid_rumours(const std::vector<Rumour>& rumours) {
  return rumours.size() <= max_rumours &&
         std::all_of(rumours.begin(), rumours.end(), [](const Rumour& rumour) { return valid(rumour); });
}

template <class Gossip>
bool valid_gossip(const Gossip& gossip) {
  return !gossip.records.empty() && gossip.records.size() <= max_records && all_valid(gossip.records) &&
         valid_rumours(gossip.rumours);
}

struct Validity {
  bool operator()(const GossipRequest& message) const { return valid_gossip(message); }
  bool operator()(const GossipReply& message) const { return valid_gossip(message); }
  bool operator()(const Ping& message) const {
    return overlay::valid(message.self) && valid_rumours(message.rumours);
  }
  bool operator()(const Ack& message) const {
    return overlay::valid(message.self) && valid_rumours(message.rumours);
  }
  bool operator()(const PingRequest& message) const { return overlay::valid(message.target); }
  bool operator()(const IndirectAck&) const { return true; }
};

}  // namespace

bool valid(const Address& address) {
  in6_addr parsed;  // large enough for either family
  return address.port != 0 && (::inet_pton(AF_INET, address.host.c_str(), &parsed) == 1 ||
                               ::inet_pton(AF_INET6, address.host.c_str(), &parsed) == 1);
}

bool valid(const Coordinate& coordinate) {
  const auto in_range = [](float seconds) {
    return std::isfinite(seconds) && std::fabs(seconds) <= max_seconds;
  };
  return std::all_of(coordinate.position.begin(), coordinate.position.end(), in_range) &&
         in_range(coordinate.height) && coordinate.height >= 0 && in_range(coordinate.error) &&
         coordinate.error >= 0 && in_range(coordinate.adjustment);
}

bool valid(const PeerRecord& record) {
  return !record.id.is_nobody() && record.incarnation <= max_incarnation &&
         record.name.size() <= max_name_bytes && record.addresses.size() <= max_addresses &&
         record.relays.size() <= max_relays && record.relay_addresses.size() == record.relays.size() &&
         all_valid(record.addresses) && all_valid(record.relay_addresses) && valid(record.coordinate) &&
         record.cores_total <= max_cores && record.cores_free <= record.cores_total;
}

bool valid(const Message& message) { return std::visit(Validity{}, message); }

base::Bytes encode(const Message& message) { return codec::encode(message); }

base::Result<Message> decode(base::ByteView bytes) {
  auto message = codec::decode<Message>(bytes);
  if (message && !valid(*message))
    return base::fail(base::Errc::bad_message, "an overlay message beyond its limits");
  return message;
}

}  // namespace zel::wire::overlay
