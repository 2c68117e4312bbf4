// Why: see post_inbox.hpp.
#include "libzel/net/post_inbox.hpp"

#include <utility>

#include "libzel/net/record.hpp"

namespace zel::net {
namespace {

/// Tag, context and order are the intake's to check, as with any record.
bool is_record(const wire::member::Post& post) {
  if (post.payload.size() > wire::member::max_post_bytes) return false;
  switch (static_cast<RecordKind>(post.kind)) {
    case RecordKind::whole: return post.total_bytes == post.payload.size();
    case RecordKind::first:
    case RecordKind::more: return true;
    case RecordKind::abandon: return post.payload.empty();
    case RecordKind::skip: break;
  }
  return false;
}

}  // namespace

bool PostInbox::put(wire::member::Post&& post) {
  if (closed_) return true;
  const std::size_t counted = counted_bytes_ + post_cost_bytes(post.payload.size());
  if (damaged_ || !is_record(post) || counted > wire::member::post_window_bytes) {
    damaged_ = true;
    return false;
  }
  posts_.push_back(std::move(post));
  counted_bytes_ = counted;
  return true;
}

std::uint32_t PostInbox::pop() {
  freed_bytes_ += post_cost_bytes(posts_.front().payload.size());
  posts_.pop_front();
  if (freed_bytes_ < window_quarter_bytes) return 0;
  counted_bytes_ -= freed_bytes_;
  return static_cast<std::uint32_t>(std::exchange(freed_bytes_, 0));
}

void PostInbox::close() {
  closed_ = true;
  damaged_ = false;
  posts_.clear();
}

}  // namespace zel::net
