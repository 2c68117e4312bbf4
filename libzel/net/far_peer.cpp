// Why: see far_peer.hpp. What the thread of the messages does with one rank elsewhere.
#include "libzel/net/far_peer.hpp"

#include "libzel/net/far.hpp"

namespace zel::net {

Reader::Look FarPeer::look(Record& record) {
  if (!to_look_at_.load(std::memory_order_acquire)) return Look::empty;
  const std::lock_guard lock(far_.mutex_);
  // What it sent before it wrote nonsense is good.
  if (stream_.empty()) return damaged_ ? Look::damaged : Look::empty;
  record = stream_.front().record;
  return Look::record;
}

bool FarPeer::pop() {
  const std::lock_guard lock(far_.mutex_);
  stream_.pop();
  if (stream_.empty() && !damaged_) to_look_at_.store(false, std::memory_order_relaxed);
  // If the node is gone its listener says so.
  if (stream_.has_actions()) far_.carry_out(*this);
  return false;
}

void FarPeer::refuse() {
  const std::lock_guard lock(far_.mutex_);
  stream_.refuse();
  damaged_ = false;
  to_look_at_.store(false, std::memory_order_relaxed);
  far_.part_with(*this);
}

/// What a rank sent over a link before it died may still be on its way, when the log has told of it already.
bool FarPeer::finished() {
  constexpr auto patience = std::chrono::seconds(2);
  const std::lock_guard lock(far_.mutex_);
  if (connection_ == 0) return true;
  const auto now = std::chrono::steady_clock::now();
  if (departed_ == base::Time{}) departed_ = now;
  return now - departed_ >= patience;
}

Writer::Outcome FarPeer::write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                               std::span<const std::byte> payload) {
  const std::lock_guard lock(far_.mutex_);
  if (damaged_) return Outcome::damaged;
  if (!stream_.write(kind, context, tag, total_bytes, payload)) return Outcome::full;
  far_.carry_out(*this);
  if (!wants_link_) far_.want_link(*this);
  // Sending may have taken the sign that something came.
  if (far_.look_again_ && !far_.pump_links(false)) far_.bell_.kick();
  return far_.node_lost_ && !stream_.link() ? Outcome::unreachable : Outcome::written;
}

void FarPeer::ask_for_room() {
  const std::lock_guard lock(far_.mutex_);
  wants_room_ = true;
}

}  // namespace zel::net
