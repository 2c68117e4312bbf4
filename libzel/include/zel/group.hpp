// Why: what all members do together, they do as a group: a stable view of the membership.
//
//     zel::Group all(job.messages());
//     double norm = all.allreduce(part, zel::sum);
//
// Operations: barrier, broadcast, reduce, allreduce, gather, allgather, scatter, alltoall. All members of a group call
// the same ones in the same order, each with the same root, sizes and types.
//
// When a member dies or leaves:
//  * Every member that has not finished the operation gets Error member_lost naming it; nobody hangs. Who had finished
//    it keeps the result (a root may have, and a leaf not). A member that left in order after it had done its part
//    does not break it.
//  * Later operations of the group fail too. Go on with another group: without_lost(). Members that heard of losses at
//    different times may make different groups at first; operations of these fail, with member_lost, until all have
//    heard the same.
// When an operation fails at one member for another reason (the program's function threw, sizes differ, limit_reached),
// it has that error there; all others get group_broken, in this operation or the next. That group is of no more use;
// make a new one, of the same ranks if you like.
// No message of a failed operation is ever taken for one of another.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "zel/error.hpp"
#include "zel/export.hpp"
#include "zel/messages.hpp"
#include "zel/operations.hpp"
#include "zel/pack.hpp"

namespace zel {

namespace detail {
class GroupState;

/// std::vector of what is sent as it lies in memory: combined element by element.
template <class T>
struct IsElements : std::false_type {};
template <TriviallyPacked T>
requires(!std::is_same_v<T, bool>) struct IsElements<std::vector<T>> : std::true_type {
};
}  // namespace detail

/// Some members, in the order of their ranks. Copyable; all copies are the same group. Must not outlive the Job; used
/// by the thread that uses its Messages. `root` is a rank of the job; results that list members are in the order of
/// ranks(). Every operation throws Error: member_lost, group_broken, node_lost, limit_reached, malformed (others gave
/// other sizes), usage (a root that is no member).
class ZEL_API Group {
 public:
  /// All ranks of the job, also those that have not joined yet; they are waited for.
  explicit Group(Messages& messages);
  /// These, among them this one; any order. The same ranks are the same group, whoever makes it and how often: its
  /// operations are counted together. Throws Error: usage, limit_reached.
  Group(Messages& messages, std::vector<int> ranks);

  /// The same without those known here to be gone.
  Group without_lost() const;

  /// Of the job, ascending.
  const std::vector<int>& ranks() const;
  int size() const;
  /// This member's place in ranks().
  int position() const;

  void barrier();

  /// The root's value becomes everybody's.
  template <Packable T>
  void broadcast(T& value, int root) {
    if constexpr (TriviallyPacked<T>) {
      broadcast_bytes(std::as_writable_bytes(std::span<T, 1>(&value, 1)), root);
    } else {
      std::vector<std::byte> bytes;
      if (is_me(root)) bytes = pack(value);
      broadcast_blob(bytes, root);
      if (!is_me(root)) value = unpack<T>(bytes);
    }
  }
  /// The same for elements of which all know the number; faster when they are many.
  template <TriviallyPacked T>
  void broadcast(std::span<T> values, int root) { broadcast_bytes(std::as_writable_bytes(values), root); }

  /// operation(… operation(v0, v1) …, vn) at the root; nothing elsewhere. Vectors of plain types are combined element by
  /// element and must be of one length.
  template <Packable T, class Operation>
  std::optional<T> reduce(const T& value, Operation operation, int root) {
    T result = value;
    combine_all(result, operation, root);
    return is_me(root) ? std::optional<T>(std::move(result)) : std::nullopt;
  }
  /// The same, at all members.
  template <Packable T, class Operation>
  T allreduce(const T& value, Operation operation) {
    T result = value;
    combine_all(result, operation, everywhere);
    return result;
  }
  /// The same in place, element by element. What is in `values` after an error is undefined.
  template <TriviallyPacked T, class Operation>
  void allreduce(std::span<T> values, Operation operation) { combine_elements(values, operation, everywhere); }

  /// All values at the root; nothing elsewhere.
  template <Packable T>
  std::vector<T> gather(const T& value, int root) { return gather_values(value, root); }
  /// All values at all members.
  template <Packable T>
  std::vector<T> allgather(const T& value) { return gather_values(value, everywhere); }
  /// values[p] of the root to the member at position p. Elsewhere `values` is not looked at.
  template <Packable T>
  T scatter(const std::vector<T>& values, int root) {
    std::vector<std::vector<std::byte>> blobs;
    if (is_me(root)) {
      check_count(values.size());
      blobs = packed(values);
    }
    return unpack<T>(scatter_blobs(std::move(blobs), root));
  }
  /// values[p] to the member at position p; from it, result[p].
  template <Packable T>
  std::vector<T> alltoall(const std::vector<T>& values) {
    check_count(values.size());
    return unpacked<T>(alltoall_blobs(packed(values)));
  }

  // The same on bytes. `all` is a block per member, of one size, in the order of ranks(); buffers do not overlap.

  /// Combines `theirs` into `ours`; `theirs_left`: theirs is the left operand.
  using Combine = std::function<void(std::span<std::byte> ours, std::span<const std::byte> theirs, bool theirs_left)>;
  void broadcast_bytes(std::span<std::byte> bytes, int root);
  /// In place; elsewhere than at the root what is left in `bytes` is undefined. Never cuts within `element_bytes`.
  void reduce_bytes(std::span<std::byte> bytes, std::size_t element_bytes, const Combine& combine, int root);
  void allreduce_bytes(std::span<std::byte> bytes, std::size_t element_bytes, const Combine& combine);
  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all, int root);
  void allgather_bytes(std::span<const std::byte> mine, std::span<std::byte> all);
  void scatter_bytes(std::span<const std::byte> all, std::span<std::byte> mine, int root);
  void alltoall_bytes(std::span<const std::byte> all, std::span<std::byte> received);

 private:
  static constexpr int everywhere = -1;
  using Blob = std::vector<std::byte>;
  using CombineBlobs = std::function<void(Blob& ours, const Blob& theirs, bool theirs_left)>;

  bool is_me(int root) const;
  void check_count(std::size_t values) const;
  void broadcast_blob(Blob& blob, int root);
  void reduce_blob(Blob& blob, const CombineBlobs& combine, int root);
  std::vector<Blob> gather_blobs(Blob mine, int root);
  Blob scatter_blobs(std::vector<Blob> blobs, int root);
  std::vector<Blob> alltoall_blobs(std::vector<Blob> blobs);

  template <class T>
  static std::vector<Blob> packed(const std::vector<T>& values) {
    std::vector<Blob> blobs;
    blobs.reserve(values.size());
    for (const T& value : values) blobs.push_back(pack<T>(value));
    return blobs;
  }
  template <class T>
  static std::vector<T> unpacked(const std::vector<Blob>& blobs) {
    std::vector<T> values;
    values.reserve(blobs.size());
    for (const Blob& blob : blobs) values.push_back(unpack<T>(blob));
    return values;
  }
  template <class T>
  std::vector<T> gather_values(const T& value, int root) {
    if constexpr (TriviallyPacked<T> && !std::is_same_v<T, bool>) {
      const bool here = root == everywhere || is_me(root);
      std::vector<T> all(here ? static_cast<std::size_t>(size()) : 0);
      const auto mine = std::as_bytes(std::span<const T, 1>(&value, 1));
      if (root == everywhere) allgather_bytes(mine, std::as_writable_bytes(std::span(all)));
      else gather_bytes(mine, std::as_writable_bytes(std::span(all)), root);
      return all;
    } else {
      return unpacked<T>(gather_blobs(pack(value), root));
    }
  }
  template <class T, class Operation>
  void combine_elements(std::span<T> values, Operation& operation, int root) {
    const Combine combine = [&operation](std::span<std::byte> ours, std::span<const std::byte> theirs, bool theirs_left) {
      auto* left = reinterpret_cast<T*>(ours.data());
      const auto* right = reinterpret_cast<const T*>(theirs.data());
      const std::size_t count = ours.size() / sizeof(T);
      if (theirs_left) {
        for (std::size_t at = 0; at < count; ++at) left[at] = operation(right[at], left[at]);
      } else {
        for (std::size_t at = 0; at < count; ++at) left[at] = operation(left[at], right[at]);
      }
    };
    if (root == everywhere) allreduce_bytes(std::as_writable_bytes(values), sizeof(T), combine);
    else reduce_bytes(std::as_writable_bytes(values), sizeof(T), combine, root);
  }
  template <class T, class Operation>
  void combine_all(T& value, Operation& operation, int root) {
    if constexpr (TriviallyPacked<T>) {
      combine_elements(std::span<T>(&value, 1), operation, root);
    } else if constexpr (detail::IsElements<T>::value) {
      combine_elements(std::span(value), operation, root);
    } else {
      Blob blob = pack(value);
      reduce_blob(blob, [&operation](Blob& ours, const Blob& theirs, bool theirs_left) {
        const T mine = unpack<T>(ours);
        const T other = unpack<T>(theirs);
        ours = pack<T>(theirs_left ? operation(other, mine) : operation(mine, other));
      }, root);
      if (root == everywhere || is_me(root)) value = unpack<T>(blob);
    }
  }

  explicit Group(std::shared_ptr<detail::GroupState> state);
  std::shared_ptr<detail::GroupState> state_;
};

}  // namespace zel
