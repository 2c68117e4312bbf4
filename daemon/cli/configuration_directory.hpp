// Why: the configuration file and the realm key of a user stand in one place.
#pragma once

#include <string>

namespace zel::cli {

/// $XDG_CONFIG_HOME/zel, else ~/.config/zel; "/etc/zel" for a user without a home.
std::string configuration_directory();

}  // namespace zel::cli
