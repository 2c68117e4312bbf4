#include "zrun/options_values.hpp"

#include <charconv>
#include <cmath>

namespace zel::zrun {
namespace {

bool is_of(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry.substr(0, name.size()) == name && entry[name.size()] == '=';
}

}  // namespace

std::optional<std::uint32_t> number_in(std::string_view text, std::uint32_t least, std::uint32_t most) {
  std::uint32_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) return std::nullopt;
  return number;
}

std::optional<std::uint64_t> milliseconds(std::string_view text, std::uint64_t most_seconds) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || stop != end) return std::nullopt;
  if (!(seconds >= 0 && seconds <= static_cast<double>(most_seconds)))
    return std::nullopt;  // also not a number
  return static_cast<std::uint64_t>(std::ceil(seconds * 1000));
}

std::optional<std::string> value_of(std::string_view name, const std::vector<std::string>& environment) {
  for (const std::string& entry : environment) {
    if (is_of(entry, name)) return entry.substr(name.size() + 1);
  }
  return std::nullopt;
}

void set_value(std::string_view name, std::string_view value, std::vector<std::string>& environment) {
  std::erase_if(environment, [&](const std::string& entry) { return is_of(entry, name); });
  environment.push_back(std::string(name) + '=' + std::string(value));
}

}  // namespace zel::zrun
