// Why: tests of relays speak of nodes by a number.
#pragma once

#include <gtest/gtest.h>

#include "wire/overlay.hpp"

namespace zel::relay {

inline base::NodeId id(std::uint8_t number) {
  base::NodeId node;
  node.bytes.fill(number);
  return node;
}

inline wire::overlay::Address address(std::uint8_t number) { return {"10.0.0." + std::to_string(number), 7411}; }

/// Can be dialled, as far as it knows.
inline wire::overlay::PeerRecord open_node(std::uint8_t number) {
  wire::overlay::PeerRecord record;
  record.id = id(number);
  record.addresses = {address(number)};
  return record;
}

/// Listens nowhere, and is attached to these.
inline wire::overlay::PeerRecord shut_node(std::uint8_t number, std::initializer_list<std::uint8_t> relays) {
  wire::overlay::PeerRecord record;
  record.id = id(number);
  for (const auto relay : relays) {
    record.relays.push_back(id(relay));
    record.relay_addresses.push_back(address(relay));
  }
  return record;
}

inline base::Time at(double seconds) {
  return base::Time{} + std::chrono::hours(1) +
         std::chrono::duration_cast<base::Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace zel::relay
