#include "daemon/io/seal.hpp"

#include <sodium.h>

#include <algorithm>

#include "wire/relay.hpp"

namespace zel::io {

namespace {

using wire::relay::nonce_bytes;
static_assert(nonce_bytes == crypto_box_NONCEBYTES);
static_assert(wire::relay::seal_bytes == nonce_bytes + crypto_box_MACBYTES);

constexpr std::size_t direction_at = 16;

using Nonce = std::array<std::uint8_t, nonce_bytes>;

void put(std::uint8_t* to, std::uint64_t number) {
  for (int i = 7; i >= 0; --i, number >>= 8) to[i] = static_cast<std::uint8_t>(number & 0xff);
}

std::uint64_t get(const std::uint8_t* from) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | from[i];
  return number;
}

std::uint8_t direction(const base::NodeId& from, const base::NodeId& to) { return from < to ? 0 : 1; }

base::Result<base::Bytes> refused(const char* why) { return base::fail(base::Errc::refused, why); }

}  // namespace

Seal::Seal(LinkKeys own, std::uint64_t started_us, SealLimits limits)
    : own_(own), started_us_(started_us), limits_(limits) {}

Seal::~Seal() {
  ::sodium_memzero(own_.secret.data(), own_.secret.size());
  for (auto& [id, peer] : peers_) ::sodium_memzero(peer.key.data(), peer.key.size());
}

Seal::Peer* Seal::peer(const base::NodeId& id, base::Time now) {
  if (const auto found = peers_.find(id); found != peers_.end()) return &found->second;
  if (peers_.size() >= limits_.peers) {
    std::erase_if(peers_, [&](const auto& entry) { return now - entry.second.used >= limits_.remembered; });
    if (peers_.size() >= limits_.peers) return nullptr;
  }
  Peer fresh;
  if (::crypto_box_beforenm(fresh.key.data(), id.bytes.data(), own_.secret.data()) != 0) return nullptr;
  fresh.used = now;
  return &peers_.emplace(id, fresh).first->second;
}

base::Bytes Seal::seal(const base::NodeId& to, base::ByteView message, base::Time now) {
  Peer* other = peer(to, now);
  if (other == nullptr) return {};
  other->used = now;
  base::Bytes sealed(nonce_bytes + crypto_box_MACBYTES + message.size());
  auto* out = reinterpret_cast<std::uint8_t*>(sealed.data());
  put(out, started_us_);
  put(out + 8, ++counter_);
  out[direction_at] = direction(own_.id, to);
  if (::crypto_box_easy_afternm(out + nonce_bytes, reinterpret_cast<const std::uint8_t*>(message.data()), message.size(),
                                out, other->key.data()) != 0) {
    return {};
  }
  return sealed;
}

bool Seal::is_new(const Peer& peer, std::uint64_t start, std::uint64_t counter) {
  if (start != peer.their_start) return start > peer.their_start;
  if (counter > peer.highest) return true;
  return peer.highest - counter < window && !peer.came.test(counter % window);
}

void Seal::mark(Peer& peer, std::uint64_t start, std::uint64_t counter) {
  if (start != peer.their_start) {
    peer.their_start = start;
    peer.highest = 0;
    peer.came.reset();
  }
  if (counter > peer.highest) {
    const std::uint64_t passed = std::min<std::uint64_t>(counter - peer.highest, window);
    for (std::uint64_t i = 1; i <= passed; ++i) peer.came.reset((counter - passed + i) % window);
    peer.highest = counter;
  }
  peer.came.set(counter % window);
}

base::Result<base::Bytes> Seal::open(const base::NodeId& from, base::ByteView sealed, base::Time now) {
  if (sealed.size() <= wire::relay::seal_bytes) return refused("it is too short to be sealed");
  const bool known = peers_.contains(from);
  Peer* other = peer(from, now);
  if (other == nullptr) return base::fail(base::Errc::limit_reached, "too many peers speak through relays");
  const auto* in = reinterpret_cast<const std::uint8_t*>(sealed.data());
  const std::uint64_t start = get(in);
  const std::uint64_t counter = get(in + 8);
  const auto refuse = [&](const char* why) {
    if (!known) peers_.erase(from);  // made-up senders take no room
    return refused(why);
  };
  if (in[direction_at] != direction(from, own_.id)) return refuse("it was sent the other way");
  if (!is_new(*other, start, counter)) return refuse("it has come before");
  base::Bytes message(sealed.size() - wire::relay::seal_bytes);
  if (::crypto_box_open_easy_afternm(reinterpret_cast<std::uint8_t*>(message.data()), in + nonce_bytes,
                                     sealed.size() - nonce_bytes, in, other->key.data()) != 0) {
    return refuse("the seal is not of that node");
  }
  mark(*other, start, counter);
  other->used = now;
  return message;
}

}  // namespace zel::io
