// Why: what is wrong with a task should be said in a line where it is spawned, and not follow from forty
// lines about constraints that are not satisfied.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include "zel/pack.hpp"

namespace zel {

namespace detail {
template <class T>
concept HasRun = requires(const T& task) {
  task.run();
};
template <class T>
concept HasChangingRun = !HasRun<T> && requires(T & task) {
  task.run();
};

template <class T>
struct RunOf {
  using Type = char;  // an error has been told
};
template <HasRun T>
struct RunOf<T> {
  using Type = std::remove_cvref_t<decltype(std::declval<const T&>().run())>;
};
template <class T>
inline constexpr bool returns_nothing = std::is_void_v<typename RunOf<T>::Type>;
template <class T>
inline constexpr bool returns_packable = returns_nothing<T> || Packable<typename RunOf<T>::Type>;

/// Says what is missing for T to be a task.
template <class T>
struct CheckedTask {
  static_assert(!HasChangingRun<T>,
                "zel: run() of a task must be const: a task is run again when who stole it dies");
  static_assert(HasRun<T> || HasChangingRun<T>,
                "zel: a task is a struct with a member function `Result run() const`");
  static_assert(!returns_nothing<T>,
                "zel: run() of a task must return a value: it is how a parent learns that it ended");
  static_assert(
      returns_packable<T>,
      "zel: what run() of a task returns cannot be sent to another process: return a number, a string, a "
      "standard container, a plain struct without pointers, or a struct that names its fields with "
      "ZEL_FIELDS");
  static_assert(
      std::is_default_constructible_v<T>,
      "zel: a task must be default-constructible: where it arrives it is made first and filled then");
  static_assert(
      !std::is_default_constructible_v<T> || Packable<T>,
      "zel: a task cannot be sent to another process: its fields must be numbers, strings, standard "
      "containers "
      "or plain structs without pointers; unless all are trivially copyable, name them with ZEL_FIELDS");
  static_assert(std::copy_constructible<T>,
                "zel: a task must be copyable: it is kept until its result is there");
  using Result = std::conditional_t<returns_nothing<T>, char, typename RunOf<T>::Type>;
};
}  // namespace detail

/// What can be spawned: a packable struct with `Result run() const`, Result packable.
template <class T>
concept Task = Packable<T> && std::copy_constructible<T> && requires(const T& task) {
  { task.run() } -> Packable;
};
template <class T>
using ResultOf = typename detail::CheckedTask<T>::Result;

}  // namespace zel
