// Why: what a node is told to be, as one typed value; made from words in one place, so that nothing behind it
// has to check again.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "daemon/settings.hpp"
#include "wire/overlay.hpp"

namespace zel::daemon {

enum class Preset : std::uint8_t { local, lan, wan };
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };
enum class LogFormat : std::uint8_t { text, json };

struct Configuration {
  std::string name;                            // empty: the host's
  std::vector<wire::overlay::Address> listen;  // empty: all interfaces at the default port, or a free one
  bool listens = true;                         // false: nowhere; others reach it through relays
  std::vector<wire::overlay::Address> peers;
  std::uint32_t cores = 0;                     // 0: all
  std::vector<std::string> labels;             // KEY=VALUE, each key once
  std::string runtime_directory;               // as typed; empty: the default one
  Preset preset = Preset::lan;
  std::string realm_key_file;                  // as typed; empty: none
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;
  std::string log_file;                        // as typed; empty: standard error
};

/// Reads merged entries. Errors: bad_option: "PLACE: what is wrong, and what to do".
base::Result<Configuration> make_configuration(const Entries& entries);

}  // namespace zel::daemon
