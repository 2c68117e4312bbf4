// Why: the one place of the task layer that reads clocks.
#pragma once

#include "libzel/task/transport.hpp"

namespace zel::task {

class SystemTaskClock final : public TaskClock {
 public:
  base::Time now() const override;
  base::Duration processor_time() const override;
};

}  // namespace zel::task
