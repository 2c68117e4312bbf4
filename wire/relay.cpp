#include "wire/relay.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace zel::wire::relay {

namespace {

bool valid_addresses(const std::vector<overlay::Address>& addresses) {
  return addresses.size() <= overlay::max_addresses &&
         std::all_of(addresses.begin(), addresses.end(), [](const auto& address) { return overlay::valid(address); });
}

bool valid_sealed(const base::Bytes& sealed) {
  return sealed.size() > seal_bytes && sealed.size() <= seal_bytes + max_message_bytes;
}

struct Validity {
  bool operator()(const Forward& message) const {
    const bool good_via = message.via.empty() || (message.via.size() == 1 && !message.via.front().relay.is_nobody() &&
                                                  overlay::valid(message.via.front().address));
    return !message.to.is_nobody() && good_via && valid_sealed(message.sealed);
  }
  bool operator()(const Passed& message) const {
    return !message.from.is_nobody() && !message.to.is_nobody() && valid_sealed(message.sealed);
  }
  bool operator()(const Forwarded& message) const { return !message.from.is_nobody() && valid_sealed(message.sealed); }
  bool operator()(const DialBack& message) const {
    return !message.addresses.empty() && valid_addresses(message.addresses);
  }
  bool operator()(const DialedBack& message) const { return valid_addresses(message.reached); }
  bool operator()(const CallMe& message) const { return overlay::valid(message.record); }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

}  // namespace

bool valid(const Message& message) { return std::visit(Validity{}, message); }

base::Bytes encode(const Message& message) { return codec::encode(message); }

base::Result<Message> decode(base::ByteView bytes) {
  auto message = codec::decode<Message>(bytes);
  if (message && !valid(*message)) return base::fail(base::Errc::bad_message, "a relay message beyond its limits");
  return message;
}

}  // namespace zel::wire::relay
