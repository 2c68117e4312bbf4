#include "tests/simulation/world.hpp"

namespace zel::simulation {

namespace {

// Encoding every message would cost more than carrying it: one in so many is, and the first ones.
constexpr std::uint64_t sample = 32;

}  // namespace

double Traffic::bytes(std::size_t kind) const {
  if (sampled[kind] == 0) return 0;
  return static_cast<double>(messages[kind]) * static_cast<double>(sampled_bytes[kind]) /
         static_cast<double>(sampled[kind]);
}

double Traffic::bytes() const {
  double sum = 0;
  for (std::size_t kind = 0; kind < kinds; ++kind) sum += bytes(kind);
  return sum;
}

std::uint64_t Traffic::count() const {
  std::uint64_t sum = 0;
  for (const std::uint64_t messages_of_kind : messages) sum += messages_of_kind;
  return sum;
}

const char* Traffic::name_of(std::size_t kind) {
  static constexpr const char* names[kinds] = {"gossip_request", "gossip_reply", "ping",  "ack",     "ping_request",
                                               "indirect_ack",   "request",      "offer", "refusal", "claim",
                                               "claimed",        "release"};
  return names[kind];
}

void World::count(const PeerMessage& message) {
  const auto* gossip = std::get_if<wire::overlay::Message>(&message);
  const auto* order = std::get_if<wire::schedule::Message>(&message);
  const std::size_t kind = gossip != nullptr ? gossip->index() : 6 + order->index();
  if (traffic_.messages[kind]++ % sample != 0 && traffic_.messages[kind] > 4) return;
  // What a node sends, another must be able to read.
  const base::Bytes bytes = gossip != nullptr ? wire::overlay::encode(*gossip) : wire::schedule::encode(*order);
  const bool readable = gossip != nullptr ? wire::overlay::decode(bytes).has_value() : wire::schedule::decode(bytes).has_value();
  if (!readable) throw Violation(std::string("a message that its receiver refuses: ") + Traffic::name_of(kind));
  ++traffic_.sampled[kind];
  traffic_.sampled_bytes[kind] += bytes.size();
}

}  // namespace zel::simulation
