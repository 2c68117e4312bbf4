// Why: the configuration file, apart from the rest: the only user of the TOML library.
#include <toml++/toml.h>

#include <algorithm>

#include "daemon/settings.hpp"

namespace zel::daemon {

namespace {

std::string place_of(const std::string& name, const toml::source_region& source) {
  return name + " line " + std::to_string(source.begin.line);
}

/// A value as it would be typed on the command line; nothing for what cannot be (dates, tables).
std::optional<std::string> word_of(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return text;
  if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
  if (const auto truth = node.value_exact<bool>()) return *truth ? "true" : "false";
  if (node.is_floating_point()) {
    std::string text = std::to_string(*node.value_exact<double>());
    text.erase(text.find_last_not_of('0') + 1);
    return text;
  }
  return std::nullopt;
}

base::Result<std::vector<std::string>> words_of(const toml::node& node, const SettingSpec& spec) {
  std::vector<std::string> words;
  const auto bad = [&](const std::string& needs) {
    return base::fail(base::Errc::bad_option, std::string(spec.key) + " needs " + needs);
  };
  if (const auto* array = node.as_array(); array && spec.is_list) {
    for (const toml::node& item : *array) {
      auto word = word_of(item);
      if (!word) return bad("a list of texts");
      words.push_back(std::move(*word));
    }
  } else if (const auto* labels = node.as_table(); labels && spec.id == Setting::labels) {
    for (const auto& [key, item] : *labels) {
      const auto word = word_of(item);
      if (!word) return bad("a text for each label");
      words.push_back(std::string(key.str()) + "=" + *word);
    }
  } else if (auto word = word_of(node)) {
    words.push_back(std::move(*word));
  } else {
    return bad(spec.is_list ? "a list of texts" : "one value");
  }
  return words;
}

}  // namespace

base::Result<Entries> entries_from_toml(std::string_view text, const std::string& name) {
  toml::table document;
  try {
    document = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return base::fail(base::Errc::bad_option, place_of(name, error.source()) + ": " + std::string(error.description()));
  }
  Entries entries;
  for (const auto& [key, node] : document) {
    const std::string place = place_of(name, key.source());
    const auto table = setting_table();
    const auto spec = std::find_if(table.begin(), table.end(), [&](const SettingSpec& s) { return s.key == key.str(); });
    if (spec == table.end()) {
      std::string known;
      for (const SettingSpec& each : table) known += (known.empty() ? "" : ", ") + std::string(each.key);
      return base::fail(base::Errc::bad_option,
                        place + ": there is no setting '" + std::string(key.str()) + "'; there are " + known);
    }
    auto words = words_of(node, *spec);
    if (!words) return base::fail(base::Errc::bad_option, place + ": " + words.error().text);
    entries.push_back({spec->id, std::move(*words), place});
  }
  return entries;
}

}  // namespace zel::daemon
