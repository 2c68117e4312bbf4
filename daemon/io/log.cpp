#include "daemon/io/log.hpp"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <vector>

namespace zel::io {

namespace {

constexpr std::size_t max_kinds = 256;
constexpr std::size_t max_file_bytes = 8u << 20;
constexpr std::size_t max_line_bytes = 4096;

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::trace: return spdlog::level::trace;
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warn: return spdlog::level::warn;
    case LogLevel::error: break;
  }
  return spdlog::level::err;
}

const char* name_of(LogLevel level) {
  static constexpr const char* names[] = {"trace", "debug", "info", "warn", "error"};
  return names[static_cast<unsigned>(level)];
}

std::string utc_now() {
  const auto now = std::chrono::system_clock::now();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char day[32], text[48];
  std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>(ms % 1000));
  return text;
}

std::string shown(std::string_view message) {
  std::string text;
  for (const char c : message.substr(0, max_line_bytes)) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) {
      text += c;
    } else {
      char code[8];
      std::snprintf(code, sizeof code, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      text += code;
    }
  }
  return text;
}

}  // namespace

std::optional<std::uint64_t> RateLimit::admit(std::string_view kind, base::Time now) {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) {
    if (kinds_.size() >= max_kinds) std::erase_if(kinds_, [&](const auto& entry) { return entry.second.next <= now; });
    if (kinds_.size() >= max_kinds) return std::nullopt;
    found = kinds_.emplace(std::string(kind), Kind{}).first;
  }
  Kind& entry = found->second;
  if (now < entry.next) {
    ++entry.left_out;
    return std::nullopt;
  }
  entry.next = now + std::chrono::seconds(1);
  return std::exchange(entry.left_out, 0);
}

std::string moved_aside(const std::string& file) {
  return spdlog::sinks::rotating_file_sink_st::calc_filename(file, 1);
}

struct Log::Parts {
  LogSetup setup;
  std::shared_ptr<spdlog::logger> logger;
  RateLimit limit;
};

Log::Log(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

base::Result<Log> Log::open(const LogSetup& setup) {
  auto parts = std::make_unique<Parts>();
  parts->setup = setup;
  try {
    spdlog::sink_ptr sink;
    if (setup.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    } else {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_st>(setup.file, max_file_bytes, 1);
    }
    parts->logger = std::make_shared<spdlog::logger>("zeld", sink);
  } catch (const std::exception& error) {
    return base::fail(base::Errc::system, "the log: " + std::string(error.what()));
  }
  parts->logger->set_level(level_of(setup.level));
  parts->logger->set_pattern("%v");
  parts->logger->flush_on(spdlog::level::trace);
  parts->logger->set_error_handler([](const std::string&) {});  // a full disk ends the log, not the node
  return Log(std::move(parts));
}

void Log::write(LogLevel level, std::string_view message) {
  if (level < parts_->setup.level) return;
  std::string line;
  if (parts_->setup.format == LogFormat::json) {
    const nlohmann::ordered_json json = {
        {"time", utc_now()}, {"level", name_of(level)}, {"node", parts_->setup.node}, {"message", message.substr(0, max_line_bytes)}};
    line = json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  } else {
    line = utc_now() + " " + name_of(level) + " " + parts_->setup.node + ": " + shown(message);
  }
  parts_->logger->log(level_of(level), spdlog::string_view_t(line));
}

void Log::limited(LogLevel level, std::string_view kind, std::string_view message, base::Time now) {
  if (level < parts_->setup.level) return;
  const auto left_out = parts_->limit.admit(kind, now);
  if (!left_out) return;
  std::string text(message);
  if (*left_out > 0) text += " (and " + std::to_string(*left_out) + " more like it since)";
  write(level, text);
}

}  // namespace zel::io
