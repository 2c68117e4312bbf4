// Why: structs go over the wire as msgpack arrays, and only this file and zel/pack.hpp know it. A message
// is a variant of plain structs; each struct names its fields once:
//
//     struct Signal {
//       int number = 0;
//       template <class F> void fields(F&& f) { f(number); }
//     };
//
// The wire form is [alternative index, field, field, …]. Decoding is strict: a wrong type, a missing or
// surplus field, an unknown index, trailing bytes or a container over its limit is `bad_message`, and
// nothing of the input is used. Integers are range-checked, so word size and byte order never matter.
//
// Include it from a protocol's .cpp only: msgpack's headers are heavy.
#pragma once

#include <array>
#include <concepts>
#include <cstring>
#include <msgpack.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/error.hpp"
#include "wire/frame.hpp"

namespace zel::wire::codec {

/// The longest list in any message. An announced length allocates memory before its items are seen, so it
/// must be small against that memory; 65,536 ranks on one host, or arguments of one program, are plenty.
inline constexpr std::size_t max_items = 65536;
/// The deepest nesting of our structs is 6.
inline constexpr std::size_t max_nesting = 8;

template <class T>
concept HasFields = requires(T& value) { value.fields([](auto&...) {}); };

class Encoder {
 public:
  explicit Encoder(msgpack::sbuffer& out) : packer_(out) {}

  template <class T>
  void put(const T& value) {
    if constexpr (HasFields<T>) {
      // fields() is one function for both directions, hence not const; encoding only reads.
      const_cast<T&>(value).fields([this](auto&... field) {
        packer_.pack_array(static_cast<std::uint32_t>(sizeof...(field)));
        (put(field), ...);
      });
    } else if constexpr (std::is_enum_v<T>) {
      packer_.pack(static_cast<std::underlying_type_t<T>>(value));
    } else {
      packer_.pack(value);
    }
  }
  void put(const base::Bytes& bytes) {
    packer_.pack_bin(static_cast<std::uint32_t>(bytes.size()));
    packer_.pack_bin_body(reinterpret_cast<const char*>(bytes.data()), static_cast<std::uint32_t>(bytes.size()));
  }
  template <std::size_t Size>
  void put(const std::array<std::uint8_t, Size>& bytes) {
    packer_.pack_bin(static_cast<std::uint32_t>(Size));
    packer_.pack_bin_body(reinterpret_cast<const char*>(bytes.data()), static_cast<std::uint32_t>(Size));
  }
  template <class T>
  void put(const std::vector<T>& items) {
    packer_.pack_array(static_cast<std::uint32_t>(items.size()));
    for (const T& item : items) put(item);
  }
  template <class... Alternatives>
  void put(const std::variant<Alternatives...>& nested) {
    put_message(nested);
  }
  template <class... Alternatives>
  void put_message(const std::variant<Alternatives...>& message) {
    packer_.pack_array(2);
    packer_.pack(static_cast<std::uint32_t>(message.index()));
    std::visit([this](const auto& alternative) { this->put(alternative); }, message);
  }

 private:
  msgpack::packer<msgpack::sbuffer> packer_;
};

/// Reads values out of an unpacked tree; `ok` turns false at the first mismatch and stays so.
class Decoder {
 public:
  bool ok = true;

  template <class T>
  void get(const msgpack::object& from, T& value) {
    if constexpr (HasFields<T>) {
      value.fields([&](auto&... field) {
        if (!is_array(from, sizeof...(field))) return;
        std::size_t i = 0;
        (get(from.via.array.ptr[i++], field), ...);
      });
    } else if constexpr (std::is_enum_v<T>) {
      std::underlying_type_t<T> number{};
      get(from, number);
      value = static_cast<T>(number);
      if (ok && !valid(value)) ok = false;
    } else if constexpr (std::same_as<T, bool>) {
      if (check(from.type == msgpack::type::BOOLEAN)) value = from.via.boolean;
    } else if constexpr (std::integral<T>) {
      if (from.type == msgpack::type::POSITIVE_INTEGER) {
        if (check(std::in_range<T>(from.via.u64))) value = static_cast<T>(from.via.u64);
      } else if (check(from.type == msgpack::type::NEGATIVE_INTEGER && std::in_range<T>(from.via.i64))) {
        value = static_cast<T>(from.via.i64);
      }
    } else {
      static_assert(std::floating_point<T>, "a field type the codec does not know");
      constexpr auto type = sizeof(T) == 4 ? msgpack::type::FLOAT32 : msgpack::type::FLOAT64;
      // msgpack sends a whole number as an integer, whatever its type: 0.0F is one byte.
      if (from.type == msgpack::type::POSITIVE_INTEGER) {
        value = static_cast<T>(from.via.u64);
      } else if (from.type == msgpack::type::NEGATIVE_INTEGER) {
        value = static_cast<T>(from.via.i64);
      } else if (check(from.type == type)) {
        value = static_cast<T>(from.via.f64);
      }
    }
  }
  void get(const msgpack::object& from, std::string& text) {
    if (check(from.type == msgpack::type::STR)) text.assign(from.via.str.ptr, from.via.str.size);
  }
  void get(const msgpack::object& from, base::Bytes& bytes) {
    if (!check(from.type == msgpack::type::BIN)) return;
    const auto* first = reinterpret_cast<const std::byte*>(from.via.bin.ptr);
    bytes.assign(first, first + from.via.bin.size);
  }
  template <std::size_t Size>
  void get(const msgpack::object& from, std::array<std::uint8_t, Size>& bytes) {
    if (check(from.type == msgpack::type::BIN && from.via.bin.size == Size)) {
      std::memcpy(bytes.data(), from.via.bin.ptr, Size);
    }
  }
  template <class T>
  void get(const msgpack::object& from, std::vector<T>& items) {
    if (!check(from.type == msgpack::type::ARRAY)) return;
    items.resize(from.via.array.size);
    for (std::size_t i = 0; ok && i < items.size(); ++i) get(from.via.array.ptr[i], items[i]);
  }
  template <class... Alternatives>
  void get(const msgpack::object& from, std::variant<Alternatives...>& nested) {
    get_message(from, nested);
  }
  template <class... Alternatives>
  void get_message(const msgpack::object& from, std::variant<Alternatives...>& message) {
    std::uint32_t index = 0;
    if (!is_array(from, 2)) return;
    get(from.via.array.ptr[0], index);
    if (!check(ok && index < sizeof...(Alternatives))) return;
    choose(index, message, std::index_sequence_for<Alternatives...>());
    std::visit([&](auto& alternative) { get(from.via.array.ptr[1], alternative); }, message);
  }

 private:
  bool check(bool condition) { return ok = ok && condition; }
  bool is_array(const msgpack::object& from, std::size_t size) {
    return check(from.type == msgpack::type::ARRAY && from.via.array.size == size);
  }
  template <class Variant, std::size_t... Index>
  static void choose(std::size_t index, Variant& message, std::index_sequence<Index...>) {
    ((index == Index ? void(message.template emplace<Index>()) : void()), ...);
  }
};

template <class Message>
base::Bytes encode(const Message& message) {
  msgpack::sbuffer out;
  Encoder(out).put_message(message);
  const auto* first = reinterpret_cast<const std::byte*>(out.data());
  return {first, first + out.size()};
}

template <class Message>
base::Result<Message> decode(base::ByteView bytes) {
  const msgpack::unpack_limit limits(max_items, 0, max_frame_bytes, max_frame_bytes, 0, max_nesting);
  Message message;
  Decoder decoder;
  try {
    msgpack::zone zone;
    std::size_t offset = 0;
    const msgpack::object tree = msgpack::unpack(
        zone, reinterpret_cast<const char*>(bytes.data()), bytes.size(), offset,
        [](msgpack::type::object_type, std::size_t, void*) { return true; }, nullptr, limits);
    decoder.get_message(tree, message);
    if (offset != bytes.size()) decoder.ok = false;
  } catch (const msgpack::unpack_error&) {
    decoder.ok = false;
  }
  if (!decoder.ok) return base::fail(base::Errc::bad_message, "a message could not be decoded");
  return message;
}

}  // namespace zel::wire::codec
