// Why: a large message need not be copied once more to be looked at.
//
// What is copied how often, between ranks of one host: into the shared memory, and out of it. Out of it goes straight
// into the receiver's buffer if the receive was there first; if the message was first, it goes into memory of
// libzel's, which receive_view() and receive_bytes() into a vector hand over as it is, and which a receive into a
// buffer copies once more. The memory of views is used again when they end, so that large ones cost no page faults.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "zel/error.hpp"
#include "zel/export.hpp"

namespace zel {

namespace detail {
class MessageState;
class Buffers;
}  // namespace detail

/// A received message, in memory of libzel's; released when it ends, which may be after the Job. Movable.
class ZEL_API View {
 public:
  View() noexcept;
  ~View();
  View(View&&) noexcept;
  View& operator=(View&&) noexcept;

  int from() const noexcept { return from_; }
  int tag() const noexcept { return tag_; }
  std::span<const std::byte> bytes() const noexcept { return bytes_; }
  std::span<std::byte> bytes() noexcept { return bytes_; }
  /// As elements. Aligned for any T without alignas. Throws Error: malformed when they do not come out even.
  template <class T>
  requires std::is_trivially_copyable_v<T> std::span<const T> as() const {
    static_assert(alignof(T) <= alignof(std::max_align_t));
    if (bytes_.size() % sizeof(T) != 0) throw Error(Errc::malformed, "a message's size is no multiple of the type's", from_);
    return {reinterpret_cast<const T*>(bytes_.data()), bytes_.size() / sizeof(T)};
  }
  /// The bytes themselves, for good. The view is empty then.
  std::vector<std::byte> take() && { return std::move(bytes_); }

 private:
  friend class detail::MessageState;
  View(std::shared_ptr<detail::Buffers> buffers, std::vector<std::byte> bytes, int from, int tag) noexcept;

  std::shared_ptr<detail::Buffers> buffers_;
  std::vector<std::byte> bytes_;
  int from_ = -1;
  int tag_ = -1;
};

}  // namespace zel
