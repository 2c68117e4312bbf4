// Why: each kind of option value is read and checked in one place, apart from how options are spelt.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace zel::zrun {

/// A whole number from `least` to `most`, decimal digits only.
std::optional<std::uint32_t> number_in(std::string_view text, std::uint32_t least, std::uint32_t most);

/// Seconds, fractions allowed, rounded up to milliseconds; nothing when negative or above `most_seconds`.
std::optional<std::uint64_t> milliseconds(std::string_view text, std::uint64_t most_seconds);

/// The value that `text` names in `words`.
template <class T>
std::optional<T> choice(std::string_view text, const std::vector<std::pair<std::string_view, T>>& words) {
  for (const auto& [word, value] : words) {
    if (word == text) return value;
  }
  return std::nullopt;
}

/// The value of `name` in a list of NAME=value.
std::optional<std::string> value_of(std::string_view name, const std::vector<std::string>& environment);

/// Gives `name` that value, once, whatever there was before.
void set_value(std::string_view name, std::string_view value, std::vector<std::string>& environment);

}  // namespace zel::zrun
