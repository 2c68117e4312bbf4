// Why: the children of a group must not move once they are spawned, most groups are small, and a leaf of a
// search makes an empty one: the first few children lie inside the group, more in chunks that double.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace zel::detail {

/// A list with stable addresses that only grows at the end. No allocation up to `inline_items`.
template <class Item>
class StableList {
 public:
  static constexpr std::size_t inline_items = sizeof(Item) <= 64 ? 8 : (sizeof(Item) <= 256 ? 2 : 1);

  StableList() = default;
  StableList(const StableList&) = delete;
  StableList& operator=(const StableList&) = delete;
  ~StableList() { clear(); }

  template <class... Arguments>
  Item& emplace_back(Arguments&&... arguments) {
    const auto [chunk, offset] = place(size_);
    if (chunk > chunks_.size()) chunks_.push_back(std::make_unique<Slot[]>(inline_items << chunk));
    Item* item = std::construct_at(at(chunk, offset), std::forward<Arguments>(arguments)...);
    ++size_;
    return *item;
  }
  void pop_back() {
    --size_;
    std::destroy_at(&(*this)[size_]);
  }
  Item& operator[](std::size_t index) {
    const auto [chunk, offset] = place(index);
    return *std::launder(at(chunk, offset));
  }
  std::size_t size() const { return size_; }
  /// Destroys all, the newest first.
  void clear() {
    while (size_ > 0) pop_back();
    chunks_.clear();
  }

 private:
  struct Slot {
    alignas(Item) std::array<std::byte, sizeof(Item)> bytes;
  };
  struct Place {
    std::size_t chunk, offset;
  };

  // Chunk 0 is inline; chunk k holds inline_items << k.
  static Place place(std::size_t index) {
    std::size_t chunk = 0;
    std::size_t capacity = inline_items;
    while (index >= capacity) {
      index -= capacity;
      capacity <<= 1;
      ++chunk;
    }
    return {chunk, index};
  }
  Item* at(std::size_t chunk, std::size_t offset) {
    Slot* slots = chunk == 0 ? first_.data() : chunks_[chunk - 1].get();
    return reinterpret_cast<Item*>(slots[offset].bytes.data());
  }

  std::array<Slot, inline_items> first_;
  std::vector<std::unique_ptr<Slot[]>> chunks_;
  std::size_t size_ = 0;
};

}  // namespace zel::detail
