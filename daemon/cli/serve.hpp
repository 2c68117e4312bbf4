// Why: a node put together from its parts and run until it is told to stop.
#pragma once

#include <functional>
#include <string>

#include "base/error.hpp"
#include "daemon/config.hpp"

namespace zel::cli {

struct ServeSetup {
  std::string registry;   // the folder of links from addresses to runtime directories
  bool detached = false;  // the log goes to a file
};

/// Called once, when launchers and administrators can connect: a line for the user, and where the log is (empty:
/// standard error).
using Ready = std::function<void(const std::string& line, const std::string& log_file)>;

/// Returns when the node has ended and its files are gone. Errors, before it was ready: system, refused, bad_option.
base::Result<void> serve(const daemon::Configuration& configuration, const ServeSetup& setup, const Ready& ready);

}  // namespace zel::cli
