// Why: most of what a task may do is seen with one rank of some threads.
#pragma once

#include "libzel/task/system_clock.hpp"
#include "tests/libzel/task/compute_on.hpp"
#include "tests/libzel/task/thread_network.hpp"

namespace zel::task {

template <Task T>
ResultOf<T> compute_alone(int threads, const T& root) {
  NoNetwork network;
  const SystemTaskClock clock;
  Runtime runtime(network, clock, {.threads = threads});
  return compute_on(runtime, root);
}

}  // namespace zel::task
