// Why: a search that knows how good a solution has been found need not look for worse ones, wherever it was
// found.
//
//     inline zel::Shared<int> shortest{"shortest", 1'000'000};  // at namespace scope; less is better
//     ...
//     if (length >= shortest.get()) return;  // in a task: a load
//     shortest.improve(length);              // seen by this rank's threads at once, by other ranks soon
//
// A value only ever becomes better, so an update that comes late, twice or not at all does no harm: what is
// read may be old, never wrong. Every rank has its copy; nobody owns it, and it outlives whoever improved it.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <mutex>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "zel/export.hpp"
#include "zel/pack.hpp"

namespace zel {

/// The longest packed value.
inline constexpr std::size_t max_shared_bytes = std::size_t{1} << 16;

namespace detail {

/// What libzel knows of a shared value. Lives as long as the program, or the library that contains it.
class ZEL_API SharedValue {
 public:
  explicit SharedValue(const char* name);
  virtual ~SharedValue();
  SharedValue(const SharedValue&) = delete;
  SharedValue& operator=(const SharedValue&) = delete;

  const char* name() const { return name_; }
  std::uint64_t key() const { return key_; }
  /// Changes after each improvement; 0 as long as it is what it began with.
  std::uint64_t version() const { return version_.load(std::memory_order_seq_cst); }
  void begin() {
    reset();
    version_.store(0, std::memory_order_release);
  }
  /// Takes a value from another rank; false if it is no better. Throws Error: malformed.
  bool take(std::span<const std::byte> packed) {
    if (!improve_by(packed)) return false;
    version_.fetch_add(1, std::memory_order_seq_cst);
    return true;
  }
  virtual std::vector<std::byte> pack() const = 0;

 protected:
  virtual void reset() = 0;
  virtual bool improve_by(std::span<const std::byte> packed) = 0;
  /// By a task. Throws Error: usage outside a compute().
  void improved();
  static void check_size(std::size_t bytes);
  static void check_inside();

 private:
  const char* const name_;
  const std::uint64_t key_;  // the same in every process: a hash of the name
  std::atomic<std::uint64_t> version_{0};
};

/// Up to eight bytes, without a lock.
template <class T, class Better>
class WordCell {
 public:
  explicit WordCell(const T& value) : word_(encode(value)) {}
  T get() const { return decode(word_.load(std::memory_order_acquire)); }
  void set(const T& value) { word_.store(encode(value), std::memory_order_release); }
  bool improve(const T& value) {
    std::uint64_t now = word_.load(std::memory_order_acquire);
    do {
      if (!Better{}(value, decode(now))) return false;
    } while (!word_.compare_exchange_weak(now, encode(value), std::memory_order_acq_rel,
                                          std::memory_order_acquire));
    return true;
  }

 private:
  static std::uint64_t encode(const T& value) {
    std::uint64_t word = 0;
    std::memcpy(&word, &value, sizeof(T));
    return word;
  }
  static T decode(std::uint64_t word) {
    T value;
    std::memcpy(&value, &word, sizeof(T));
    return value;
  }
  std::atomic<std::uint64_t> word_;
};

/// Anything else.
template <class T, class Better>
class LockedCell {
 public:
  explicit LockedCell(const T& value) : value_(value) {}
  T get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }
  void set(const T& value) {
    const std::lock_guard lock(mutex_);
    value_ = value;
  }
  bool improve(const T& value) {
    const std::lock_guard lock(mutex_);
    if (!Better{}(value, value_)) return false;
    value_ = value;
    return true;
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

template <class T, class Better>
using CellOf = std::conditional_t<TriviallyPacked<T> && sizeof(T) <= sizeof(std::uint64_t),
                                  WordCell<T, Better>, LockedCell<T, Better>>;

}  // namespace detail

/// A value that all tasks of a computation read and improve. `Better` is a strict order: Better{}(a, b) says
/// that a replaces b. One variable at namespace scope, the same in every rank's program; each compute()
/// begins with `initial`.
template <class T, class Better = std::less<>>
class Shared final : private detail::SharedValue {
  static_assert(
      Packable<T>,
      "zel: a shared value is sent to other ranks: a number, a string, a standard container, a plain struct "
      "without pointers, or a struct that names its fields with ZEL_FIELDS");
  static_assert(!TriviallyPacked<T> || sizeof(T) <= max_shared_bytes,
                "zel: a shared value has at most 64 KiB");
  static_assert(!Packable<T> || std::predicate<Better, const T&, const T&>,
                "zel: Better of a zel::Shared is called as Better{}(a, b) and says whether a replaces b");

 public:
  /// `name` tells it from others, in every process alike.
  Shared(const char* name, T initial) : SharedValue(name), initial_(std::move(initial)), cell_(initial_) {}

  /// The best that is known here. A load if T is trivially copyable and has at most eight bytes, else a copy
  /// under a lock. Any thread, at any time.
  T get() const { return cell_.get(); }
  /// Whether `value` is better than what was known here. Throws Error: usage outside a task, limit_reached
  /// when it is longer than max_shared_bytes.
  bool improve(const T& value) {
    check_inside();
    if constexpr (!TriviallyPacked<T>) check_size(zel::pack(value).size());
    if (!cell_.improve(value)) return false;
    improved();
    return true;
  }

 private:
  std::vector<std::byte> pack() const override { return zel::pack(get()); }
  void reset() override { cell_.set(initial_); }
  bool improve_by(std::span<const std::byte> packed) override { return cell_.improve(unpack<T>(packed)); }

  const T initial_;
  detail::CellOf<T, Better> cell_;
};

}  // namespace zel
