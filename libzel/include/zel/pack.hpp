// Why: a message or a task carries a value; this says which types can be carried and how they look as bytes.
//
//  * A trivially copyable type (numbers, enums, plain structs without pointers) is sent as it lies in memory.
//  * A std::string or std::vector of such is sent as its elements.
//  * A struct that names its fields is sent as msgpack:
//        struct Position { std::string name; std::vector<int> moves;  ZEL_FIELDS(name, moves) };
//    and so are standard containers, optionals, pairs and tuples of such.
//
// A pointer, a reference or a span inside a trivially copyable struct cannot be detected and would arrive
// meaningless: do not send one.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <msgpack.hpp>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "zel/error.hpp"

/// Names the fields of a struct, inside it, in the order they are sent.
#define ZEL_FIELDS(...) MSGPACK_DEFINE_ARRAY(__VA_ARGS__)
/// Makes an enum one that such a field can be. Outside of all namespaces, before the struct.
#define ZEL_ENUM(type) MSGPACK_ADD_ENUM(type)

namespace zel {

/// Sent as it lies in memory.
template <class T>
concept TriviallyPacked =
    std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T> && !std::is_pointer_v<T> &&
    !std::ranges::view<T>;

/// True for a type that msgpack packs through an adaptor of the program's own: specialise it beside the
/// adaptor.
template <class T>
inline constexpr bool packed_by_adaptor = false;

namespace detail {
template <class T>
struct IsContiguous : std::false_type {};
template <TriviallyPacked T>
requires(!std::is_same_v<T, bool>) struct IsContiguous<std::vector<T>> : std::true_type {
};
template <>
struct IsContiguous<std::string> : std::true_type {};

// msgpack accepts any type in its signatures and fails deep inside; so what it can carry is spelt out.
template <class T>
struct IsMsgpacked : std::bool_constant<std::is_arithmetic_v<T> || packed_by_adaptor<T>> {};
template <class T>
requires requires(const T& value, T& target, msgpack::packer<msgpack::sbuffer>& packer,
                  const msgpack::object& object) {
  value.msgpack_pack(packer);
  target.msgpack_unpack(object);
}
struct IsMsgpacked<T> : std::true_type {};
template <std::ranges::range T>
requires(!std::ranges::view<T>) struct IsMsgpacked<T>
    : IsMsgpacked<std::remove_cv_t<typename T::value_type>> {
};
template <class T>
struct IsMsgpacked<std::optional<T>> : IsMsgpacked<T> {};
template <class A, class B>
struct IsMsgpacked<std::pair<A, B>> : std::conjunction<IsMsgpacked<std::remove_cv_t<A>>, IsMsgpacked<B>> {};
template <class... Ts>
struct IsMsgpacked<std::tuple<Ts...>> : std::conjunction<IsMsgpacked<Ts>...> {};

template <class T>
concept MsgpackPacked = IsMsgpacked<T>::value && std::is_default_constructible_v<T>;

/// Nesting of containers and structs in one packed value; what arrives deeper than this is damaged.
inline constexpr std::size_t max_packed_nesting = 64;
}  // namespace detail

/// Sent as its elements.
template <class T>
concept ContiguousPacked = detail::IsContiguous<T>::value;

/// Can be carried by a message or a task.
template <class T>
concept Packable = TriviallyPacked<T> || ContiguousPacked<T> || detail::MsgpackPacked<T>;

/// The bytes of a value. O(size).
template <Packable T>
std::vector<std::byte> pack(const T& value) {
  if constexpr (TriviallyPacked<T>) {
    std::vector<std::byte> bytes(sizeof(T));
    std::memcpy(bytes.data(), &value, sizeof(T));
    return bytes;
  } else if constexpr (ContiguousPacked<T>) {
    const auto view = std::as_bytes(std::span(value.data(), value.size()));
    return {view.begin(), view.end()};
  } else {
    msgpack::sbuffer buffer;
    msgpack::pack(buffer, value);
    const auto* first = reinterpret_cast<const std::byte*>(buffer.data());
    return {first, first + buffer.size()};
  }
}

/// The value of bytes that pack() made of a T, in this or another process. Throws Error: malformed.
template <Packable T>
T unpack(std::span<const std::byte> bytes) {
  if constexpr (TriviallyPacked<T>) {
    if (bytes.size() != sizeof(T)) throw Error(Errc::malformed, "a packed value has the wrong size");
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  } else if constexpr (ContiguousPacked<T>) {
    using Element = typename T::value_type;
    if (bytes.size() % sizeof(Element) != 0) throw Error(Errc::malformed, "a packed list has the wrong size");
    T value(bytes.size() / sizeof(Element), Element{});
    if (!bytes.empty()) std::memcpy(value.data(), bytes.data(), bytes.size());
    return value;
  } else {
    // An announced length allocates before its items are seen: no list can have more items than bytes.
    const std::size_t n = bytes.size();
    const msgpack::unpack_limit limits(n, n, n, n, n, detail::max_packed_nesting);
    try {
      std::size_t used = 0;
      const auto handle =
          msgpack::unpack(reinterpret_cast<const char*>(bytes.data()), n, used, nullptr, nullptr, limits);
      if (used != n) throw Error(Errc::malformed, "a packed value is followed by other bytes");
      return handle.get().template as<T>();
    } catch (const msgpack::unpack_error&) {
      throw Error(Errc::malformed, "a packed value is damaged");
    } catch (const msgpack::type_error&) {
      throw Error(Errc::malformed, "a packed value is of another type");
    }
  }
}

}  // namespace zel
