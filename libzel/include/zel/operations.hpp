// Why: what reduce and allreduce combine with. Any associative callable T(T, T) will do; it need not be commutative:
// the value of the lower rank is always the left operand.
#pragma once

#include <type_traits>

namespace zel {

/// The operands' own type, also where arithmetic would widen it.
struct Sum {
  template <class T>
  T operator()(const T& a, const T& b) const { return static_cast<T>(a + b); }
};
struct Product {
  template <class T>
  T operator()(const T& a, const T& b) const { return static_cast<T>(a * b); }
};
struct Minimum {
  template <class T>
  T operator()(const T& a, const T& b) const { return b < a ? b : a; }
};
struct Maximum {
  template <class T>
  T operator()(const T& a, const T& b) const { return a < b ? b : a; }
};
/// Of bits; of truth for bool.
struct And {
  template <class T>
  T operator()(const T& a, const T& b) const { return static_cast<T>(a & b); }
};
struct Or {
  template <class T>
  T operator()(const T& a, const T& b) const { return static_cast<T>(a | b); }
};

inline constexpr Sum sum{};
inline constexpr Product product{};
inline constexpr Minimum minimum{};
inline constexpr Maximum maximum{};
inline constexpr And conjunction{};
inline constexpr Or disjunction{};

}  // namespace zel
