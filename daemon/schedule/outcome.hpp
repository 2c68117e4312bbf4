// Why: what a search says at its end is read by a user who wants to know what to do. Pure texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "daemon/schedule/rings.hpp"
#include "daemon/schedule/scheduler.hpp"

namespace zel::schedule {

/// "1 core", "24 cores".
std::string count_of_cores(std::uint64_t cores);

/// "3 rounds, 17 nodes answered, radius 4 ms, 0.12 s"
std::string summary_text(std::uint32_t rounds, std::size_t answered, wire::schedule::Metric metric,
                         const Ring& ring, base::Duration took);

/// "24 of 50 cores found: …". `reason`: what most nodes that refused said, if they were asked.
std::string failure_text(const Wanted& wanted, std::uint64_t ranks_found, std::size_t answered,
                         const std::string& reason, base::Duration took);

}  // namespace zel::schedule
