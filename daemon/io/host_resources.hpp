// Why: what a host has besides cores, as scheduling wants it; asked of the operating system here only.
#pragma once

#include <string>

#include "daemon/schedule/scheduler.hpp"

namespace zel::io {

/// Memory, the disk that `directory` is on, architecture and system; cores and labels are the caller's.
schedule::Resources host_resources(const std::string& directory);

}  // namespace zel::io
