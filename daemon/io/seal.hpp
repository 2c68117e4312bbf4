// Why: a relay is trusted with nothing but to pass on. What goes through it is boxed between the keys of the two nodes,
// so that it can neither be read nor made by another, and numbered, so that it is taken once only.
// docs/protocol/relay.md says what stands in the nonce.
#pragma once

#include <array>
#include <bitset>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "base/time.hpp"
#include "daemon/io/link_keys.hpp"

namespace zel::io {

struct SealLimits {
  std::size_t peers = 4096;                                 // of which something is remembered
  base::Duration remembered = std::chrono::minutes(10);     // at least, after it was last heard
};

class Seal {
 public:
  /// `started_us`: microseconds since 1970; a later life of the same key must begin later.
  Seal(LinkKeys own, std::uint64_t started_us, SealLimits limits = {});
  ~Seal();

  /// Empty: nothing can be boxed for that key.
  base::Bytes seal(const base::NodeId& to, base::ByteView message, base::Time now);
  /// Errors: refused, for what was forged, changed, meant for another, or has come before; limit_reached.
  base::Result<base::Bytes> open(const base::NodeId& from, base::ByteView sealed, base::Time now);

 private:
  static constexpr std::size_t window = 1024;
  struct Peer {
    std::array<std::uint8_t, 32> key{};       // both ways the same
    std::uint64_t their_start = 0;            // of its present life
    std::uint64_t highest = 0;                // of its counter
    std::bitset<window> came;                 // by counter, modulo
    base::Time used;
  };
  Peer* peer(const base::NodeId& id, base::Time now);
  static bool is_new(const Peer& peer, std::uint64_t start, std::uint64_t counter);
  static void mark(Peer& peer, std::uint64_t start, std::uint64_t counter);

  LinkKeys own_;
  std::uint64_t started_us_;
  SealLimits limits_;
  std::uint64_t counter_ = 0;  // one for all peers: what is forgotten of a peer cannot bring a nonce back
  std::unordered_map<base::NodeId, Peer> peers_;
};

}  // namespace zel::io
