// Why: what a node has to say to its administrator, as lines with a level; and a limit on how often one kind
// of thing is said, so that a peer that misbehaves fills no disk. The only users of spdlog are behind this.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/time.hpp"
#include "daemon/config.hpp"

namespace zel::io {

using daemon::LogFormat;
using daemon::LogLevel;

/// Once a second for each kind. Pure.
class RateLimit {
 public:
  /// How many of this kind were left out since the last that was let through; nothing: leave this one out.
  std::optional<std::uint64_t> admit(std::string_view kind, base::Time now);

 private:
  struct Kind {
    base::Time next{};
    std::uint64_t left_out = 0;
  };
  std::map<std::string, Kind, std::less<>> kinds_;
};

struct LogSetup {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
  std::string file;  // empty: standard error. At 8 MiB it is moved aside, once: there are never more than two
  std::string node;  // its name, in every line
};

class Log {
 public:
  /// Errors: system, when the file cannot be written.
  static base::Result<Log> open(const LogSetup& setup);
  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  /// One line. Control characters in it are shown, not sent: it may quote what others said.
  void write(LogLevel level, std::string_view message);
  void info(std::string_view message) { write(LogLevel::info, message); }
  void warn(std::string_view message) { write(LogLevel::warn, message); }
  void error(std::string_view message) { write(LogLevel::error, message); }
  /// The same, at most once a second for each kind, with a count of what was left out.
  void limited(LogLevel level, std::string_view kind, std::string_view message, base::Time now);

 private:
  struct Parts;
  explicit Log(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// The name of the file an 8 MiB log is moved aside to: "zeld.log" → "zeld.1.log".
std::string moved_aside(const std::string& file);

}  // namespace zel::io
