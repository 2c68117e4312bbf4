// Why: see posts.hpp.
#include "libzel/net/posts.hpp"

#include <utility>

namespace zel::net {

Posts::Posts(int size, Carry carry)
    : carry_([this, carry = std::move(carry)](const wire::member::ToNode& message) {
        // What the node did not take in time it may yet get: saying it again would say it twice.
        if (!lost_ && !carry(message)) lost_ = true;
        return !lost_;
      }),
      known_(static_cast<std::size_t>(size)) {}

/// With the mutex held.
Posts::Known& Posts::known(int rank) {
  Known& known = known_[static_cast<std::size_t>(rank)];
  if (!known.peer) known.peer = std::make_unique<PostPeer>(rank, carry_);
  return known;
}

PostPeer* Posts::peer(int rank) {
  const std::lock_guard lock(mutex_);
  return known(rank).peer.get();
}

bool Posts::deliver(int from, wire::member::Post&& post) {
  PostPeer* peer = nullptr;
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    Known& sender = known(from);
    peer = sender.peer.get();
    first = !std::exchange(sender.heard_from, true);
  }
  const bool news = peer->deliver(std::move(post));
  if (first) {
    const std::lock_guard lock(mutex_);
    newcomers_.push_back(peer);
    newcomers_waiting_.store(true, std::memory_order_release);
  }
  return news;
}

bool Posts::credit(int from, std::uint32_t bytes) { return peer(from)->credit(bytes); }

void Posts::find_newcomers(std::vector<Reader*>& found) {
  const std::lock_guard lock(mutex_);
  newcomers_waiting_.store(false, std::memory_order_relaxed);
  found.insert(found.end(), newcomers_.begin(), newcomers_.end());
  newcomers_.clear();
}

}  // namespace zel::net
