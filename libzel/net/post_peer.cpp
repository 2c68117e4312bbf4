// Why: see post_peer.hpp.
#include "libzel/net/post_peer.hpp"

#include <utility>

namespace zel::net {

using wire::member::Post;
using wire::member::PostCredit;

bool PostPeer::deliver(Post&& post) {
  const std::lock_guard lock(mutex_);
  inbox_.put(std::move(post));
  const bool news = !inbox_.empty() || inbox_.damaged();
  to_look_at_.store(news, std::memory_order_release);
  return news;
}

bool PostPeer::credit(std::uint32_t bytes) {
  const std::lock_guard lock(mutex_);
  if (!window_.give_back(bytes)) credit_damaged_ = true;
  return std::exchange(wants_room_, false);
}

Reader::Look PostPeer::look(Record& record) {
  if (!to_look_at_.load(std::memory_order_acquire)) return Look::empty;
  const std::lock_guard lock(mutex_);
  // What it posted before it wrote nonsense is good.
  if (inbox_.empty()) return inbox_.damaged() ? Look::damaged : Look::empty;
  const Post& post = inbox_.front();
  record.kind = static_cast<RecordKind>(post.kind);
  record.context = post.context;
  record.tag = post.tag;
  record.payload = post.payload;
  record.total_bytes = post.total_bytes;
  return Look::record;
}

bool PostPeer::pop() {
  std::uint32_t freed = 0;
  {
    const std::lock_guard lock(mutex_);
    freed = inbox_.pop();
    if (inbox_.empty() && !inbox_.damaged()) to_look_at_.store(false, std::memory_order_relaxed);
  }
  // If the node is gone its listener says so.
  if (freed != 0) carry_(PostCredit{static_cast<std::uint32_t>(rank_), freed});
  return false;
}

void PostPeer::refuse() {
  const std::lock_guard lock(mutex_);
  inbox_.close();
  to_look_at_.store(false, std::memory_order_relaxed);
}

Writer::Outcome PostPeer::write(RecordKind kind, std::uint8_t context, std::uint32_t tag,
                                std::uint64_t total_bytes, std::span<const std::byte> payload) {
  {
    const std::lock_guard lock(mutex_);
    if (credit_damaged_) return Outcome::damaged;
    if (!window_.has_room(payload.size())) return Outcome::full;
  }
  Post post{static_cast<std::uint32_t>(rank_), static_cast<std::uint8_t>(kind), context, tag, total_bytes,
            {payload.begin(), payload.end()}};
  {
    const std::lock_guard lock(mutex_);
    window_.take(payload.size());
  }
  return carry_(std::move(post)) ? Outcome::written : Outcome::unreachable;
}

void PostPeer::ask_for_room() {
  const std::lock_guard lock(mutex_);
  wants_room_ = true;
}

}  // namespace zel::net
