// Why: what one task proves the next one on this thread finds, so the solver's table outlives both.
#pragma once

#include <cstdint>

#include "position.hpp"
#include "table.hpp"

namespace capture {

/// This thread's table for the position's board and rule.
Table& table_for(const Position& position, std::uint32_t mib);

}  // namespace capture
