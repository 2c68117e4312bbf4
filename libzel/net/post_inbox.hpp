// Why: what one rank has posted and this one has not taken in yet. The window bounds it, and a sender that
// overruns the window, or posts what no record is, is not listened to any more. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "libzel/net/post_window.hpp"
#include "wire/member.hpp"

namespace zel::net {

class PostInbox {
 public:
  /// False: the post is nonsense; it is dropped, and so is what comes after it.
  bool put(wire::member::Post&& post);
  bool empty() const { return posts_.empty(); }
  bool damaged() const { return damaged_; }
  /// The oldest. Stays where it is until pop().
  const wire::member::Post& front() const { return posts_.front(); }
  /// Forgets the oldest, which was taken in. The credit to give now: 0, or at least a quarter of the window.
  std::uint32_t pop();
  /// Forgets everything, and what is yet to come.
  void close();

 private:
  std::deque<wire::member::Post> posts_;
  std::size_t counted_bytes_ = 0;  // posted, and no credit given for it
  std::size_t freed_bytes_ = 0;    // taken in, and no credit given for it
  bool damaged_ = false;
  bool closed_ = false;
};

}  // namespace zel::net
