#include "daemon/cli/configuration_directory.hpp"

#include <cstdlib>

namespace zel::cli {

std::string configuration_directory() {
  const char* base = std::getenv("XDG_CONFIG_HOME");
  if (base && *base == '/') return std::string(base) + "/zel";
  const char* home = std::getenv("HOME");
  return home && *home != '\0' ? std::string(home) + "/.config/zel" : "/etc/zel";
}

}  // namespace zel::cli
