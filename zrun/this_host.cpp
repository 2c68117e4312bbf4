#include "zrun/this_host.hpp"

#include <sys/utsname.h>

#include <algorithm>

namespace zel::zrun {

namespace {

bool names(const std::vector<std::string>& list, const ThisHost& host) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& word) {
    const bool loopback = word == "localhost" || word == "::1" || word.starts_with("127.");
    return loopback || word == host.name || word == host.name.substr(0, host.name.find('.'));
  });
}

}  // namespace

ThisHost this_host() {
  utsname name{};
  if (::uname(&name) != 0) return {};
  return {name.nodename, name.machine, name.sysname};
}

std::optional<std::string> unmet_by(const ThisHost& host, const wire::schedule::Requirements& wanted) {
  if (!wanted.hosts.empty() && !names(wanted.hosts, host)) {
    return "--host or --hostfile: " + wanted.hosts.front() + (wanted.hosts.size() > 1 ? ", …" : "");
  }
  if (names(wanted.excluded, host)) return "--exclude: " + host.name;
  if (!wanted.architecture.empty() && wanted.architecture != host.architecture) {
    return "--require arch=" + wanted.architecture;
  }
  if (!wanted.system.empty() && wanted.system != host.system) return "--require os=" + wanted.system;
  if (wanted.memory_bytes_per_core > 0) return "--require memory";
  if (wanted.disk_bytes > 0) return "--require disk";
  if (!wanted.labels.empty()) return "--require " + wanted.labels.front();
  return std::nullopt;
}

}  // namespace zel::zrun
