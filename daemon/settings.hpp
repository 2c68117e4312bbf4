// Why: a node is told what to be by flags, the environment and a file. Each source is read, purely, into the
// same list of words that remember where they stand, so that precedence is one rule and a mistake is always
// reported with its place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace zel::daemon {

enum class Setting : std::uint8_t {
  name,
  listen,
  peers,
  cores,
  labels,
  runtime_directory,
  preset,
  realm_key,
  log_level,
  log_format,
  log_file,
};

struct SettingSpec {
  Setting id;
  std::string_view flag;      // "--cores"
  std::string_view variable;  // "ZEL_CORES"
  std::string_view key;       // in the file: "cores"
  bool is_list;
  std::string_view value;     // placeholder in help
  std::string_view help;
};

/// In the order of Setting.
std::span<const SettingSpec> setting_table();
inline const SettingSpec& spec_of(Setting id) { return setting_table()[static_cast<unsigned>(id)]; }

/// What one source says about one setting.
struct Entry {
  Setting id;
  std::vector<std::string> words;  // one, unless the setting is a list
  std::string place;               // "--cores", "ZEL_CORES", "/etc/zeld.toml line 3"
};
using Entries = std::vector<Entry>;

/// From NAME=value: lists are separated by commas; an empty value is as if not set. ZEL_ variables of other
/// programs (ZEL_RANK …) are passed over.
Entries entries_from_environment(const std::vector<std::string>& environment);

/// From the text of a TOML file; `name` stands in messages. Labels may be a table (labels.gpu = true).
/// Errors: bad_option: "NAME line 3: …".
base::Result<Entries> entries_from_toml(std::string_view text, const std::string& name);

/// For each setting the entry of the first source that has one, whole: lists do not add up across sources.
Entries merge(const std::vector<Entries>& strongest_first);

}  // namespace zel::daemon
