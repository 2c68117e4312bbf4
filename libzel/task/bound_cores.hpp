// Why: a rank that is bound to some cores works with as many threads.
#pragma once

namespace zel::task {

/// The cores that the calling thread may run on, at least 1.
int bound_cores();

}  // namespace zel::task
