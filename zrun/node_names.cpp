#include "zrun/node_names.hpp"

#include <algorithm>
#include <charconv>

#include "wire/address.hpp"

namespace zel::zrun {

namespace {

constexpr std::size_t max_name_bytes = 128;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// What a user's file has in it may be long, and not for a terminal.
std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string shown(text.substr(0, longest));
  for (char& c : shown) {
    if (c < ' ' || c > '~') c = '?';
  }
  return "'" + shown + (text.size() > longest ? "…'" : "'");
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> add_name(std::string_view word, std::vector<std::string>& names) {
  std::string_view name = trimmed(word);
  if (!wire::parse_address(name, {"", wire::default_port, false})) {
    if (const auto colon = name.find(':'); colon != name.npos) {
      if (!is_number(name.substr(colon + 1))) return quoted(name) + " names no node";
      name = name.substr(0, colon);
    }
  }
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 127; });
  if (name.empty() || name.size() > max_name_bytes || !plain) return quoted(name) + " names no node";
  if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  return std::nullopt;
}

std::optional<std::uint64_t> bytes_of(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc() || !(number > 0)) return std::nullopt;
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  double factor = 1;
  if (!unit.empty()) {
    const auto power = std::string_view("KMGT").find(static_cast<char>(unit.front() & ~0x20));
    if (power == std::string_view::npos) return std::nullopt;
    for (std::size_t i = 0; i <= power; ++i) factor *= 1024;
    unit.remove_prefix(1);
    if (!unit.empty() && unit != "B" && unit != "iB") return std::nullopt;
  }
  if (number * factor >= 1e18) return std::nullopt;
  return static_cast<std::uint64_t>(number * factor);
}

/// As uname says it, whatever the user is used to.
std::string architecture_of(const std::string& word) {
  if (word == "amd64" || word == "x86-64") return "x86_64";
  if (word == "arm64") return "aarch64";
  return word;
}
std::string system_of(const std::string& word) {
  if (word == "linux") return "Linux";
  if (word == "darwin" || word == "macos") return "Darwin";
  if (word == "freebsd") return "FreeBSD";
  return word;
}

}  // namespace

std::optional<std::string> add_node_names(std::string_view list, std::vector<std::string>& names) {
  for (;;) {
    const auto comma = list.find(',');
    if (auto bad = add_name(list.substr(0, comma), names)) return bad;
    if (comma == std::string_view::npos) return std::nullopt;
    list.remove_prefix(comma + 1);
  }
}

std::optional<std::string> add_hostfile(std::string_view text, std::vector<std::string>& names) {
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, std::min(end, text.find('#'))));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const auto space = std::min(line.find_first_of(" \t"), line.size());
    for (std::string_view rest = trimmed(line.substr(space)); !rest.empty();) {
      const auto next = std::min(rest.find_first_of(" \t"), rest.size());
      const std::string_view word = rest.substr(0, next);
      const std::string_view key = word.substr(0, std::min(word.find('='), word.size()));
      if ((key != "slots" && key != "max_slots" && key != "max-slots") || !is_number(word.substr(std::min(key.size() + 1, word.size())))) {
        return "line " + std::to_string(number) + ": a name and slots=N are understood, not " + quoted(word);
      }
      rest = trimmed(rest.substr(next));
    }
    if (auto bad = add_name(line.substr(0, space), names)) return "line " + std::to_string(number) + ": " + *bad;
  }
  return std::nullopt;
}

bool add_requirement(std::string_view word, wire::schedule::Requirements& requirements) {
  const auto equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == word.size()) return false;
  const std::string_view key = word.substr(0, equals);
  const std::string value(word.substr(equals + 1));
  if (key == "memory" || key == "disk") {
    const auto bytes = bytes_of(value);
    if (!bytes) return false;
    (key == "memory" ? requirements.memory_bytes_per_core : requirements.disk_bytes) = *bytes;
  } else if (key == "arch") {
    requirements.architecture = architecture_of(value);
  } else if (key == "os") {
    requirements.system = system_of(value);
  } else {
    if (word.size() > wire::schedule::max_label_bytes || requirements.labels.size() >= wire::schedule::max_labels) return false;
    requirements.labels.emplace_back(word);
  }
  return true;
}

}  // namespace zel::zrun
