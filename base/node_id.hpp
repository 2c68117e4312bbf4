// Why: a node is known by its public key and by nothing else: not by an address, which changes, and not by a
// name, which anybody can take.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>

namespace zel::base {

/// A node's CURVE public key.
struct NodeId {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const NodeId&) const = default;
  /// All zero: nobody.
  bool is_nobody() const { return *this == NodeId{}; }
  /// 64 hexadecimal digits.
  std::string text() const { return hex(bytes.size()); }
  /// The first 10 of them: enough for people and logs.
  std::string short_text() const { return hex(5); }

  template <class F> void fields(F&& f) { f(bytes); }

 private:
  std::string hex(std::size_t count) const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += digits[bytes[i] >> 4];
      text += digits[bytes[i] & 15];
    }
    return text;
  }
};

}  // namespace zel::base

template <>
struct std::hash<zel::base::NodeId> {
  std::size_t operator()(const zel::base::NodeId& id) const noexcept {
    std::size_t value;  // a key is as good as random already
    std::memcpy(&value, id.bytes.data(), sizeof value);
    return value;
  }
};
