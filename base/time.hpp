// Why: protocol code is handed the time, so that a test or a simulator can be the clock. Only the type
// lives here; the one call of now() per program stands where its event loop is.
#pragma once

#include <chrono>

namespace zel::base {

/// A point on the monotonic clock of one process; never sent to another.
using Time = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

/// "No deadline": later than any real one.
inline constexpr Time never = Time::max();

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace zel::base
