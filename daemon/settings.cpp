#include "daemon/settings.hpp"

#include <algorithm>
#include <array>

namespace zel::daemon {

namespace {

constexpr std::array<SettingSpec, 11> table = {{
    {Setting::name, "--name", "ZEL_NAME", "name", false, "NAME", "What people call the node (default: the host's name)"},
    {Setting::listen, "--listen", "ZEL_LISTEN", "listen", true, "ADDRESS:PORT",
     "Where other nodes reach it; :PORT on all interfaces, port 0 for a free one. Repeatable. 'none': nowhere, "
     "they reach it through relays "
     "(default: all interfaces, port 7411, or a free one if that is taken)"},
    {Setting::peers, "--peer", "ZEL_PEER", "peers", true, "ADDRESS[:PORT]",
     "A node to join, default port 7411. Repeatable"},
    {Setting::cores, "--cores", "ZEL_CORES", "cores", false, "N", "How many cores jobs may use (default: all). Ranks run\nunbound when that is not the number there are"},
    {Setting::labels, "--label", "ZEL_LABELS", "labels", true, "KEY=VALUE",
     "Something jobs can ask for with zrun --require. Repeatable"},
    {Setting::runtime_directory, "--runtime-dir", "ZEL_RUNTIME_DIR", "runtime_dir", false, "DIR",
     "Where its sockets and key are (default: $XDG_RUNTIME_DIR/zel, else /tmp/zel-UID)"},
    {Setting::preset, "--preset", "ZEL_PRESET", "preset", false, "local|lan|wan",
     "How far apart the nodes are (default lan)"},
    {Setting::realm_key, "--realm-key", "ZEL_REALM_KEY", "realm_key", false, "FILE",
     "The key of the nodes that trust one another, made if missing\n(default ~/.config/zel/realm.key)"},
    {Setting::log_level, "--log-level", "ZEL_LOG_LEVEL", "log_level", false, "trace|debug|info|warn|error",
     "What is worth a line (default info)"},
    {Setting::log_format, "--log-format", "ZEL_LOG_FORMAT", "log_format", false, "text|json",
     "How a line looks (default text)"},
    {Setting::log_file, "--log-file", "ZEL_LOG_FILE", "log_file", false, "FILE",
     "Where the log goes (default: standard error; zeld.log in the runtime directory with --detach)"},
}};

std::vector<std::string> split_at_commas(std::string_view text) {
  std::vector<std::string> words;
  for (;;) {
    const auto comma = text.find(',');
    words.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return words;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const SettingSpec> setting_table() { return table; }

Entries entries_from_environment(const std::vector<std::string>& environment) {
  Entries entries;
  for (const std::string& assignment : environment) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos || equals + 1 == assignment.size()) continue;
    const std::string name = assignment.substr(0, equals);
    const auto* spec = std::find_if(table.begin(), table.end(), [&](const auto& s) { return s.variable == name; });
    if (spec == table.end()) continue;
    const std::string value = assignment.substr(equals + 1);
    entries.push_back({spec->id, spec->is_list ? split_at_commas(value) : std::vector{value}, name});
  }
  return entries;
}

Entries merge(const std::vector<Entries>& strongest_first) {
  Entries merged;
  for (const Entries& source : strongest_first) {
    for (const Entry& entry : source) {
      const bool known = std::any_of(merged.begin(), merged.end(), [&](const Entry& e) { return e.id == entry.id; });
      if (!known) merged.push_back(entry);
    }
  }
  return merged;
}

}  // namespace zel::daemon
