// Why: see far_peer.hpp. What the thread of the messages does with one rank elsewhere.
#include "libzel/net/far_peer.hpp"

#include <algorithm>

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
  if (stream_.has_actions()) {
    far_.carry_out(*this);
    far_.have_looked_after();
  }
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
  if (!stream_.write(kind, context, tag, total_bytes, payload)) {
    // Room that was asked for may have come and been used up in the last look before a sleep.
    wants_room_ = true;
    return Outcome::full;
  }
  if (traffic_.begun == base::Time{}) traffic_.begun = std::chrono::steady_clock::now();
  traffic_.sent_bytes += payload.size();
  traffic_.last = stream_.link() ? rung_ : Rung::nodes;
  far_.carry_out(*this);
  if (!wants_link_) far_.want_link(*this);
  // Sending may have taken the sign that something came.
  if (far_.look_again_ && !far_.pump_links(LinkDriver::Look::marked)) far_.bell_.kick();
  return far_.node_lost_ && !stream_.link() ? Outcome::unreachable : Outcome::written;
}

void FarPeer::ask_for_room() {
  const std::lock_guard lock(far_.mutex_);
  wants_room_ = true;
}

void FarPeer::received(std::size_t bytes, bool by_link) {
  const base::Time now = std::chrono::steady_clock::now();
  if (traffic_.begun == base::Time{}) traffic_.begun = now;
  traffic_.last = by_link ? rung_ : Rung::nodes;
  traffic_.received_bytes += bytes;
  if (!by_link) traffic_.received_by_nodes_bytes += bytes;
  traffic_.received.add(bytes, now);
}

/// Adds what is known of this rank to a line about its host.
void FarPeer::report(wire::paths::PathLine& line, const Climb* climb) const {
  const auto in_us = [](base::Duration time) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::microseconds>(time).count()));
  };
  const auto shortest = [](std::uint64_t& known, std::uint64_t time) {
    if (time != 0 && (known == 0 || time < known)) known = time;
  };
  switch (traffic_.last) {
    case Rung::direct: ++line.direct; break;
    case Rung::reverse: ++line.reverse; break;
    case Rung::meet: ++line.meet; break;
    case Rung::nodes: ++line.nodes; break;
  }
  shortest(line.round_trip_us, in_us(traffic_.round_trip));
  if (traffic_.linked != base::Time{}) {
    line.linked_after_us = std::max(line.linked_after_us, in_us(traffic_.linked - traffic_.begun));
  }
  line.sent_bytes += traffic_.sent_bytes;
  line.received_bytes += traffic_.received_bytes;
  line.received_by_nodes_bytes += traffic_.received_by_nodes_bytes;
  line.bytes_per_second = std::max(line.bytes_per_second, traffic_.received.best());
  if (!climb && traffic_.climb) climb = &*traffic_.climb;
  if (!climb) return;
  shortest(line.nodes_round_trip_us, in_us(climb->nodes_round_trip));
  const auto tell = [&](std::string& why, Rung rung) {
    const auto& known = climb->why_not[static_cast<std::size_t>(rung)];
    if (!known.empty()) why = known;
  };
  tell(line.not_direct, Rung::direct);
  tell(line.not_reverse, Rung::reverse);
  tell(line.not_met, Rung::meet);
}

}  // namespace zel::net
