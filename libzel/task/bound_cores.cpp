// Why: see bound_cores.hpp. The only file of this folder that asks the system what a thread is bound to.
#include "libzel/task/bound_cores.hpp"

#include <sched.h>

#include <algorithm>

namespace zel::task {

int bound_cores() {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  if (::sched_getaffinity(0, sizeof mine, &mine) != 0) return 1;
  return std::max(CPU_COUNT(&mine), 1);
}

}  // namespace zel::task
