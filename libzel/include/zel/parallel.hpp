// Why: much that is divided is a range of numbers, and then the tasks need not be written.
//
//     struct Trial { std::uint64_t seed; double operator()(long i) const; };
//     double best = zel::parallel_reduce(0L, 1'000'000L, 0.0, Trial{seed}, zel::maximum);
//
// Called inside a task, as spawn is. The body may run at any rank: it is a struct with fields, or a lambda
// without captures, and what it does not return stays where it ran. It is called once for each index, and
// once more if a rank dies that had called it.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "zel/operations.hpp"
#include "zel/pack.hpp"
#include "zel/task.hpp"

namespace zel {

namespace detail {

/// A function object on its way, however it is packed.
template <class F>
struct Carried {
  F function{};

  template <class Packer>
  void msgpack_pack(Packer& packer) const {
    if constexpr (TriviallyPacked<F>) {
      packer.pack_bin(sizeof(F));
      packer.pack_bin_body(reinterpret_cast<const char*>(&function), sizeof(F));
    } else {
      packer.pack(function);
    }
  }
  void msgpack_unpack(const msgpack::object& object) {
    if constexpr (TriviallyPacked<F>) {
      if (object.type != msgpack::type::BIN || object.via.bin.size != sizeof(F)) throw msgpack::type_error();
      std::memcpy(&function, object.via.bin.ptr, sizeof(F));
    } else {
      object.convert(function);
    }
  }
};

template <class Body, class Index>
struct CheckedBody {
  static_assert(
      Packable<Body>,
      "zel: the body of parallel_for and parallel_reduce may run at another rank, so it must be packable: "
      "a lambda without captures, or a struct with fields and `operator()(index) const`");
  static_assert(
      !Packable<Body> || std::invocable<const Body&, Index>,
      "zel: the body of parallel_for and parallel_reduce is called as body(index), and must be const");
};

struct NoValue {};

/// The indices [first, last) of a range, at least one.
template <class Index, class Value, class Body, class Combine>
struct RangeTask {
  Index first{}, last{}, grain{};
  Carried<Body> body{};
  Carried<Combine> combine{};
  ZEL_FIELDS(first, last, grain, body, combine)

  Value run() const {
    if (last - first > grain) {
      const Index middle = static_cast<Index>(first + (last - first) / 2);
      Spawned<RangeTask> upper(RangeTask{middle, last, grain, body, combine});
      Value lower = RangeTask{first, middle, grain, body, combine}.run();
      return combine.function(std::move(lower), upper.sync());
    }
    Value value = one(first);
    for (Index i = first; ++i < last;) value = combine.function(std::move(value), one(i));
    return value;
  }
  Value one(Index i) const {
    if constexpr (std::same_as<Value, NoValue>) {
      body.function(i);
      return {};
    } else {
      return body.function(i);
    }
  }
};

struct Neither {
  NoValue operator()(NoValue, NoValue) const { return {}; }
};

// Many more pieces than workers, so that all end together; few against what a spawn costs.
inline constexpr std::int64_t pieces_of_range = 4096;

template <class Index>
Index grain_of(Index first, Index last, Index wished) {
  if (wished > 0) return wished;
  return std::max<Index>(
      static_cast<Index>((last - first) / static_cast<Index>(std::min<std::int64_t>(
                                              pieces_of_range, std::numeric_limits<Index>::max()))),
      1);
}

}  // namespace detail

/// Calls body(i) for each i of [first, last). `grain` indices or fewer are done without a spawn; 0: chosen.
/// Returns when all are done; throws what a call threw. For what is to be brought back, use
/// parallel_reduce().
template <std::integral Index, class Body>
void parallel_for(Index first, std::type_identity_t<Index> last, const Body& body,
                  std::type_identity_t<Index> grain = 0) {
  static_assert(sizeof(detail::CheckedBody<Body, Index>) > 0);
  if (first >= last) return;
  run_here(detail::RangeTask<Index, detail::NoValue, Body, detail::Neither>{
      first, last, detail::grain_of(first, last, grain), {body}, {}});
}

/// combine(… combine(initial, body(first)) …, body(last - 1)), in that order but bracketed in any way:
/// `combine` must be associative (see operations.hpp for those there are).
template <std::integral Index, class Value, class Body, class Combine>
Value parallel_reduce(Index first, std::type_identity_t<Index> last, Value initial, const Body& body,
                      const Combine& combine, std::type_identity_t<Index> grain = 0) {
  static_assert(sizeof(detail::CheckedBody<Body, Index>) > 0);
  static_assert(Packable<Combine>,
                "zel: what combines may run at another rank: a lambda without captures, or a struct");
  if (first >= last) return initial;
  return combine(std::move(initial),
                 run_here(detail::RangeTask<Index, Value, Body, Combine>{
                     first, last, detail::grain_of(first, last, grain), {body}, {combine}}));
}

}  // namespace zel
