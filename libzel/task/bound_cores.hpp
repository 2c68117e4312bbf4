// Why: how many threads a rank works with is the cores that it may run on, unless the user says otherwise.
#pragma once

#include <optional>

namespace zel::task {

/// Cores the calling thread may run on.
int bound_cores();

/// What the environment variable ZEL_THREADS asks for; nothing if it is not set. Throws Error: usage.
std::optional<int> wished_threads();

}  // namespace zel::task
