// Why: see system_clock.hpp.
#include "libzel/task/system_clock.hpp"

#include <time.h>

#include <chrono>

namespace zel::task {

base::Time SystemTaskClock::now() const { return std::chrono::steady_clock::now(); }

base::Duration SystemTaskClock::processor_time() const {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace zel::task
