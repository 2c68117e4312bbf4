#include "daemon/schedule/requirements.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "daemon/schedule/scheduler.hpp"

namespace zel::schedule {

namespace {

constexpr std::size_t min_id_digits = 8;

std::string size_text(std::uint64_t bytes) {
  struct Unit {
    std::uint64_t bytes;
    const char* name;
  };
  for (const Unit unit : {Unit{1u << 30, "GiB"}, Unit{1u << 20, "MiB"}, Unit{1u << 10, "KiB"}}) {
    if (bytes < unit.bytes) continue;
    char text[40];
    std::snprintf(text, sizeof text, "%.4g %s", static_cast<double>(bytes) / static_cast<double>(unit.bytes),
                  unit.name);
    return text;
  }
  return std::to_string(bytes) + " bytes";
}

bool means_any(const std::vector<std::string>& entries, const wire::overlay::PeerRecord& node) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const std::string& entry) { return means(entry, node); });
}

std::string differs(const char* what, const std::string& asked, const std::string& there) {
  if (asked.empty() || asked == there) return {};
  return std::string(what) + " " + asked + " asked, " + (there.empty() ? "unknown" : there) + " there";
}

}  // namespace

bool means(const std::string& entry, const wire::overlay::PeerRecord& node) {
  if (entry.empty()) return false;
  if (entry == node.name) return true;
  if (entry.size() >= min_id_digits && node.id.text().starts_with(entry)) return true;
  return std::any_of(node.addresses.begin(), node.addresses.end(),
                     [&](const wire::overlay::Address& address) {
                       if (entry == address.host) return true;
                       const std::string port = ":" + std::to_string(address.port);
                       return entry == address.host + port || entry == "[" + address.host + "]" + port;
                     });
}

std::string left_out(const wire::schedule::Requirements& wanted, const wire::overlay::PeerRecord& node) {
  if (means_any(wanted.excluded, node)) return "excluded";
  if (!wanted.hosts.empty() && !means_any(wanted.hosts, node)) return "not among the hosts asked for";
  return {};
}

std::string unmet(const wire::schedule::Requirements& wanted, const Resources& resources,
                  const wire::overlay::PeerRecord& host) {
  if (auto reason = left_out(wanted, host); !reason.empty()) return reason;
  if (auto reason = differs("architecture", wanted.architecture, resources.architecture); !reason.empty())
    return reason;
  if (auto reason = differs("system", wanted.system, resources.system); !reason.empty()) return reason;
  for (const auto& label : wanted.labels) {
    if (std::find(resources.labels.begin(), resources.labels.end(), label) == resources.labels.end()) {
      return "label " + label + " is missing";
    }
  }
  const std::uint64_t memory = resources.cores == 0 ? 0 : resources.memory_bytes / resources.cores;
  if (wanted.memory_bytes_per_core > memory) {
    return size_text(wanted.memory_bytes_per_core) + " of memory per core asked, " + size_text(memory) +
           " there";
  }
  if (wanted.disk_bytes > resources.disk_bytes) {
    return size_text(wanted.disk_bytes) + " of free disk asked, " + size_text(resources.disk_bytes) +
           " there";
  }
  return {};
}

}  // namespace zel::schedule
