// Why: see pair_stream.hpp.
#include "libzel/net/pair_stream.hpp"

#include <algorithm>

namespace zel::net {

using wire::member::Post;
using wire::paths::Ack;
using wire::paths::Fallen;
using wire::paths::Resume;
using wire::paths::Word;

// ---- out -------------------------------------------------------------------------------------------

bool PairStream::write(RecordKind kind, std::uint8_t context, std::uint32_t tag, std::uint64_t total_bytes,
                       std::span<const std::byte> payload) {
  const std::size_t cost = post_cost_bytes(payload.size());
  if (kept_bytes_ + cost > stream_window_bytes) return false;
  if (!link_) {
    // Posts take at most a quarter of their window at a time, unless the record was meant for a link.
    const bool fits = payload.size() <= max_posted_bytes ? window_.has_room(payload.size()) : true;
    if (!fits || !all_handed_over()) return false;
  }
  FrameHeader header;
  header.kind = kind;
  header.context = context;
  header.tag = tag;
  header.number = next_number_++;
  header.total_bytes = total_bytes;
  kept_.push_back({make_frame(header, payload), header, cost});
  kept_bytes_ += cost;
  send_more();
  return true;
}

void PairStream::send_more() {
  if (waiting_) return;
  if (link_) {
    for (; next_to_send_ < next_number_; ++next_to_send_) actions_.push_back(SendFrame{*link_, kept(next_to_send_).frame});
    return;
  }
  while (next_to_send_ < next_number_ && post_next()) {
  }
}

/// Posts the next record or a piece of it. False: no room.
bool PairStream::post_next() {
  const Kept& next = kept(next_to_send_);
  const auto rest = payload_of(*next.frame).subspan(pieces_sent_bytes_);
  const auto part = rest.first(std::min(rest.size(), max_posted_bytes));
  if (!window_.has_room(part.size())) return false;
  if (part.size() < rest.size()) {
    pieces_sent_bytes_ += part.size();
    post(piece_post_kind, FrameHeader{}, part, std::nullopt);
  } else {
    pieces_sent_bytes_ = 0;
    post(static_cast<std::uint8_t>(next.header.kind), next.header, part, next_to_send_++);
  }
  return true;
}

void PairStream::post(std::uint8_t kind, const FrameHeader& header, std::span<const std::byte> payload,
                      std::optional<std::uint64_t> completes) {
  window_.take(payload.size());
  posted_.push_back({post_cost_bytes(payload.size()), completes});
  actions_.push_back(
      SendPost{{0, kind, header.context, header.tag, header.total_bytes, {payload.begin(), payload.end()}}});
}

void PairStream::post_word(const Word& word) {
  actions_.push_back(SendPost{{0, word_post_kind, 0, 0, 0, wire::paths::encode(word)}});
}

void PairStream::forget_until(std::uint64_t taken) {
  for (; first_kept_ < taken; ++first_kept_) {
    kept_bytes_ -= kept_.front().cost_bytes;
    kept_.pop_front();
  }
  if (next_to_send_ >= first_kept_) return;
  // Posts of before a link broke have told of what was to be sent again.
  next_to_send_ = first_kept_;
  pieces_sent_bytes_ = 0;
  if (!link_ && !waiting_) post_word(Resume{next_to_send_});
}

bool PairStream::on_credit(std::uint32_t bytes) {
  if (!window_.give_back(bytes)) return false;
  std::size_t left = bytes;
  while (!posted_.empty() && left >= posted_.front().cost_bytes) {
    left -= posted_.front().cost_bytes;
    if (const auto record = posted_.front().completes) forget_until(std::max(first_kept_, *record + 1));
    posted_.pop_front();
  }
  if (!posted_.empty()) posted_.front().cost_bytes -= left;
  send_more();
  return true;
}

bool PairStream::on_ack(std::uint64_t taken) {
  if (taken > next_number_) return false;
  forget_until(taken);
  return true;
}

/// The other has taken in so much, and has received so much.
bool PairStream::go_on_from(std::uint64_t received, std::uint64_t taken) {
  if (taken > received || received > next_number_) return false;
  // Credit may have told more than this old word does.
  next_to_send_ = std::max(received, first_kept_);
  pieces_sent_bytes_ = 0;
  forget_until(taken);
  waiting_.reset();
  return true;
}

bool PairStream::on_link(std::uint64_t link, std::uint64_t received, std::uint64_t taken) {
  if (link_) return true;  // one is enough: whoever asks closes the other
  if (!go_on_from(received, taken)) return false;
  link_ = link;
  send_more();
  return true;
}

void PairStream::fall(std::uint64_t link) {
  fallen_said_ = link;
  if (link_ == link) {
    link_.reset();
    waiting_ = link;
  }
  actions_.push_back(CloseLink{link});
  post_word(Fallen{link, received_, taken_});
  unacknowledged_bytes_ -= std::exchange(taken_unacknowledged_bytes_, 0);
}

void PairStream::on_link_lost(std::uint64_t link) {
  if (link_ == link) fall(link);
}

void PairStream::give_up(std::uint64_t link) {
  if (fallen_said_ != link) fall(link);
}

bool PairStream::on_fallen(const Fallen& fallen) {
  const bool was_ours = link_ == fallen.link;
  if (was_ours || fallen_said_ != fallen.link) fall(fallen.link);
  if (waiting_ != fallen.link) return true;  // nothing of ours was on it
  if (!go_on_from(fallen.received, fallen.taken)) return false;
  post_word(Resume{next_to_send_});
  send_more();
  return true;
}

// ---- in --------------------------------------------------------------------------------------------

bool PairStream::on_resume(const Resume& resume) {
  if (resume.next > received_) return false;
  next_posted_ = resume.next;
  pieces_.reset();
  return true;
}

bool PairStream::on_post(Post&& post) {
  if (refused_) return true;
  if (post.payload.size() > wire::member::max_post_bytes) return false;
  const std::size_t cost = post_cost_bytes(post.payload.size());
  uncredited_bytes_ += cost;
  if (uncredited_bytes_ > wire::member::post_window_bytes) return false;
  if (post.kind == piece_post_kind) {
    if (!pieces_) pieces_ = std::make_shared<base::Bytes>();
    if (post.payload.empty() || pieces_->size() + post.payload.size() > max_linked_bytes) return false;
    pieces_->insert(pieces_->end(), post.payload.begin(), post.payload.end());
    credit(cost);
    return true;
  }
  auto bytes = std::exchange(pieces_, nullptr);
  if (!bytes) {
    bytes = std::make_shared<base::Bytes>(std::move(post.payload));
  } else {
    bytes->insert(bytes->end(), post.payload.begin(), post.payload.end());
  }
  const auto kind = static_cast<RecordKind>(post.kind);
  if (bytes->size() > max_linked_bytes || !is_record(kind, post.total_bytes, bytes->size())) return false;
  const std::uint64_t number = next_posted_++;
  if (number > received_) return false;
  if (number < received_) {
    credit(cost);  // it came by a link already
    return true;
  }
  ++received_;
  Arrived arrived;
  arrived.record = {kind, post.context, post.tag, post.total_bytes, *bytes};
  arrived.holder = std::move(bytes);
  arrived.cost_bytes = cost;
  arrived_.push_back(std::move(arrived));
  return true;
}

bool PairStream::on_frame(std::uint64_t link, const FrameHeader& header, std::span<const std::byte> payload,
                          std::shared_ptr<const void> holder) {
  if (header.type == FrameType::ack) return on_ack(header.number);
  if (refused_ || link_ != link || header.type != FrameType::record) return true;
  if (header.number < received_) return true;
  if (header.number > received_) {
    fall(link);  // it lost something: no link does
    return true;
  }
  const std::size_t cost = post_cost_bytes(payload.size());
  if (unacknowledged_bytes_ + cost > stream_window_bytes + link_ack_bytes) return false;
  unacknowledged_bytes_ += cost;
  ++received_;
  Arrived arrived;
  arrived.record = {header.kind, header.context, header.tag, header.total_bytes, payload};
  arrived.holder = std::move(holder);
  arrived.cost_bytes = cost;
  arrived.by_link = true;
  arrived_.push_back(std::move(arrived));
  return true;
}

void PairStream::pop() {
  const std::size_t cost = arrived_.front().cost_bytes;
  const bool by_link = arrived_.front().by_link;
  arrived_.pop_front();
  ++taken_;
  if (!by_link) return credit(cost);
  taken_unacknowledged_bytes_ += cost;
  if (taken_unacknowledged_bytes_ >= link_ack_bytes) acknowledge();
}

void PairStream::acknowledge() {
  unacknowledged_bytes_ -= std::exchange(taken_unacknowledged_bytes_, 0);
  if (link_) {
    FrameHeader header;
    header.type = FrameType::ack;
    header.number = taken_;
    actions_.push_back(SendFrame{*link_, make_frame(header)});
  } else {
    post_word(Ack{taken_});
  }
}

void PairStream::credit(std::size_t bytes) {
  freed_bytes_ += bytes;
  if (freed_bytes_ < window_quarter_bytes) return;
  uncredited_bytes_ -= freed_bytes_;
  actions_.push_back(GiveCredit{static_cast<std::uint32_t>(std::exchange(freed_bytes_, 0))});
}

void PairStream::refuse() {
  refused_ = true;
  arrived_.clear();
  pieces_.reset();
}

}  // namespace zel::net
