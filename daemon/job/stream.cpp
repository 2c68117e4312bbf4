#include "daemon/job/stream.hpp"

#include <algorithm>
#include <cstdio>

namespace zel::job {

using wire::job::Segment;
using wire::job::SegmentKind;

Stream::Stream(const wire::job::JobId& job, bool from_primary, const StreamConfig& config, base::Time now)
    : job_(job), from_primary_(from_primary), config_(config), last_sent_(now), last_heard_(now) {}

void Stream::emit(SegmentKind kind, std::uint64_t number, const base::Bytes& payload, base::Time now) {
  out_.push_back({job_, from_primary_, kind, number, taken(), payload});
  last_sent_ = now;
  ack_at_ = base::never;  // it rides along
}

void Stream::send(base::Bytes payload, base::Time now) {
  if (broken_) return;
  queued_bytes_ += payload.size();
  queue_.push_back(std::move(payload));
  if (queued_bytes_ > config_.max_queued_bytes) {
    return break_off("it does not take in what is sent to it: " + std::to_string(queued_bytes_ >> 20) +
                     " MiB are waiting");
  }
  congested_ = congested_ || queued_bytes_ > config_.congested_bytes;
  fill_window(now);
}

void Stream::fill_window(base::Time now) {
  while (!queue_.empty() &&
         (in_flight_.empty() || in_flight_bytes_ + queue_.front().size() <= config_.in_flight_bytes)) {
    in_flight_.push_back({++numbered_, std::move(queue_.front()), now});
    queue_.pop_front();
    in_flight_bytes_ += in_flight_.back().payload.size();
    emit(SegmentKind::data, numbered_, in_flight_.back().payload, now);
  }
  if (!in_flight_.empty() && retry_at_ == base::never) retry_at_ = now + retry_wait();
}

base::Duration Stream::retry_wait() const {
  // Twice the round trip and what it varies by, and the time an acknowledgement may be held back.
  base::Duration wait = 2 * round_trip_ + 4 * variation_ + config_.ack_delay;
  wait = std::clamp(wait, config_.smallest_retry, config_.largest_retry);
  for (int i = 0; i < repetitions_ && wait < config_.largest_retry; ++i) wait *= 2;
  return std::min(wait, config_.largest_retry);
}

/// As TCP does it (RFC 6298); a segment that was repeated tells nothing (Karn).
void Stream::measure(base::Duration round_trip) {
  if (round_trip_ == base::Duration::zero()) {
    round_trip_ = round_trip;
    variation_ = round_trip / 2;
    return;
  }
  const base::Duration off = round_trip > round_trip_ ? round_trip - round_trip_ : round_trip_ - round_trip;
  variation_ = (3 * variation_ + off) / 4;
  round_trip_ = (7 * round_trip_ + round_trip) / 8;
}

void Stream::on_acked(std::uint64_t acked, base::Time now) {
  // Two ends that remember different pasts must not keep each other alive.
  if (acked > numbered_) return break_off("it acknowledges what was never sent");
  bool moved = false;
  while (!in_flight_.empty() && in_flight_.front().number <= acked) {
    const Sent& sent = in_flight_.front();
    if (!sent.repeated) measure(now - sent.at);
    in_flight_bytes_ -= sent.payload.size();
    queued_bytes_ -= sent.payload.size();
    in_flight_.pop_front();
    moved = true;
  }
  if (!moved) return;
  if (queued_bytes_ <= config_.relieved_bytes) congested_ = false;
  repetitions_ = 0;
  retry_at_ = in_flight_.empty() ? base::never : now + retry_wait();
  fill_window(now);
}

void Stream::on_data(const Segment& segment, base::Time now) {
  if (segment.number <= delivered_) {
    ack_at_ = now;  // the other end does not know that it came, or it waits to be taken
    return;
  }
  if (segment.number > delivered_ + config_.max_early) return;
  // A sender keeps within the window; one that does not is not given memory for it.
  if (early_bytes_ + received_bytes_ > 2 * config_.in_flight_bytes) return;
  if (segment.number > delivered_ + 1) {
    if (early_bytes_ + segment.payload.size() <= 2 * config_.in_flight_bytes &&
        early_.try_emplace(segment.number, segment.payload).second) {
      early_bytes_ += segment.payload.size();
    }
    ack_at_ = std::min(ack_at_, now + config_.ack_delay);
    return;
  }
  keep(segment.payload);
  for (auto next = early_.begin(); next != early_.end() && next->first == delivered_ + 1; next = early_.erase(next)) {
    early_bytes_ -= next->second.size();
    keep(std::move(next->second));
  }
  ack_at_ = std::min(ack_at_, now + config_.ack_delay);
}

void Stream::keep(base::Bytes payload) {
  received_bytes_ += payload.size();
  received_.push_back(std::move(payload));
  ++delivered_;
}

base::Bytes Stream::take(base::Time now) {
  base::Bytes payload = std::move(received_.front());
  received_.pop_front();
  received_bytes_ -= payload.size();
  ack_at_ = std::min(ack_at_, now + config_.ack_delay);
  return payload;
}

void Stream::on_segment(const Segment& segment, base::Time now) {
  if (broken_) return;
  if (segment.kind == SegmentKind::reset) {
    return break_off(std::string(base::as_text(segment.payload)));
  }
  last_heard_ = now;
  on_acked(segment.acked, now);
  if (!broken_ && segment.kind == SegmentKind::data) on_data(segment, now);
}

void Stream::acknowledge(base::Time now) {
  if (!broken_) emit(SegmentKind::ack, 0, {}, now);
}

void Stream::break_off(const std::string& why) {
  if (broken_) return;
  broken_ = why;
  queue_.clear();
  in_flight_.clear();
  early_.clear();
  out_.clear();
  queued_bytes_ = in_flight_bytes_ = early_bytes_ = 0;
  congested_ = false;
}

void Stream::repeat(base::Time now) {
  std::size_t bytes = 0;
  for (Sent& sent : in_flight_) {
    if (bytes > 0 && bytes + sent.payload.size() > config_.repeated_bytes) break;
    bytes += std::max<std::size_t>(sent.payload.size(), 1);
    sent.repeated = true;
    emit(SegmentKind::data, sent.number, sent.payload, now);
  }
  ++repetitions_;
  retry_at_ = now + retry_wait();
}

void Stream::on_timer(base::Time now) {
  if (broken_) return;
  if (now >= last_heard_ + config_.patience) {
    char text[64];
    std::snprintf(text, sizeof text, "nothing was heard of it for %g s", base::seconds(config_.patience));
    return break_off(text);
  }
  if (now >= retry_at_) repeat(now);
  if (now >= ack_at_ || now >= last_sent_ + config_.keep_alive) emit(SegmentKind::ack, 0, {}, now);
}

base::Time Stream::next_deadline() const {
  if (broken_) return base::never;
  return std::min({retry_at_, ack_at_, last_sent_ + config_.keep_alive, last_heard_ + config_.patience});
}

}  // namespace zel::job
