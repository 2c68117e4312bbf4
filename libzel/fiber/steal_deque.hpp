// Why: what one thread offers and others take, each item by exactly one of them, without a lock.
// D. Chase, Y. Lev, "Dynamic circular work-stealing deque" (SPAA 2005), in C11 orderings after N. M. Lê,
// A. Pop, A. Cohen, F. Zappa Nardelli, "Correct and efficient work-stealing for weak memory models" (PPoPP
// 2013). Their two sequentially consistent fences are sequentially consistent accesses here: as dear on x86,
// and the thread sanitizer, which knows no fences, can check them.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace zel::fiber {

template <class Item>
class StealDeque {
 public:
  /// Both are powers of two.
  explicit StealDeque(std::size_t first_capacity = 256, std::size_t max_capacity = std::size_t{1} << 22)
      : max_capacity_(max_capacity) {
    rings_.push_back(std::make_unique<Ring>(first_capacity));
    ring_.store(rings_.back().get(), std::memory_order_relaxed);
  }

  // The owner:

  /// False if it is full, at its largest capacity.
  bool push(Item* item) {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
    const std::int64_t top = top_.load(std::memory_order_acquire);
    Ring* ring = ring_.load(std::memory_order_relaxed);
    if (bottom - top >= ring->capacity()) {
      ring = grow(*ring, top, bottom);
      if (ring == nullptr) return false;
    }
    ring->at(bottom).store(item, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_release);
    return true;
  }

  /// The newest, or null.
  Item* pop() {
    const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
    if (top_.load(std::memory_order_relaxed) > bottom) return nullptr;  // only the owner makes it longer
    Ring* const ring = ring_.load(std::memory_order_relaxed);
    bottom_.store(bottom, std::memory_order_seq_cst);
    std::int64_t top = top_.load(std::memory_order_seq_cst);
    if (top > bottom) {
      bottom_.store(bottom + 1, std::memory_order_relaxed);
      return nullptr;
    }
    Item* const item = ring->at(bottom).load(std::memory_order_relaxed);
    if (top < bottom) return item;
    // The last one: whoever moves the top has it.
    const bool won =
        top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst, std::memory_order_relaxed);
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return won ? item : nullptr;
  }

  // Anybody:

  /// The oldest, or null if there is none. Tries again when somebody else was quicker.
  Item* steal() {
    std::int64_t top = top_.load(std::memory_order_seq_cst);
    for (;;) {
      if (top >= bottom_.load(std::memory_order_seq_cst)) return nullptr;
      Item* const item = ring_.load(std::memory_order_acquire)->at(top).load(std::memory_order_relaxed);
      if (top_.compare_exchange_weak(top, top + 1, std::memory_order_seq_cst, std::memory_order_seq_cst)) {
        return item;
      }
    }
  }

  /// As it was at some moment, if others use it.
  std::size_t size() const {
    const std::int64_t top = top_.load(std::memory_order_seq_cst);
    const std::int64_t bottom = bottom_.load(std::memory_order_seq_cst);
    return bottom > top ? static_cast<std::size_t>(bottom - top) : 0;
  }
  bool empty() const { return size() == 0; }

 private:
  class Ring {
   public:
    explicit Ring(std::size_t capacity)
        : mask_(capacity - 1), slots_(std::make_unique<std::atomic<Item*>[]>(capacity)) {}
    std::int64_t capacity() const { return static_cast<std::int64_t>(mask_ + 1); }
    std::atomic<Item*>& at(std::int64_t index) { return slots_[static_cast<std::size_t>(index) & mask_]; }

   private:
    const std::size_t mask_;
    std::unique_ptr<std::atomic<Item*>[]> slots_;
  };

  // A thief may still read the old ring, so it stays as long as the deque; all old ones together are no
  // larger than the newest.
  Ring* grow(Ring& old, std::int64_t top, std::int64_t bottom) {
    const auto capacity = static_cast<std::size_t>(old.capacity());
    if (capacity >= max_capacity_) return nullptr;
    rings_.push_back(std::make_unique<Ring>(2 * capacity));
    Ring* const larger = rings_.back().get();
    for (std::int64_t i = top; i < bottom; ++i) {
      larger->at(i).store(old.at(i).load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    ring_.store(larger, std::memory_order_release);
    return larger;
  }

  static constexpr std::size_t line = 64;
  alignas(line) std::atomic<std::int64_t> top_{0};
  alignas(line) std::atomic<std::int64_t> bottom_{0};
  alignas(line) std::atomic<Ring*> ring_{nullptr};
  const std::size_t max_capacity_;
  std::vector<std::unique_ptr<Ring>> rings_;
};

}  // namespace zel::fiber
