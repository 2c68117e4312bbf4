// Why: what a rank keeps from one compute() to the next: the number of the computation, which tells messages
// of different ones apart, and what has already come for later ones.
#pragma once

#include <chrono>
#include <cstdint>

#include "libzel/task/transport.hpp"
#include "libzel/task/worker.hpp"
#include "zel/task.hpp"

namespace zel::task {

class Crew;

struct RuntimeSetup {
  std::uint64_t seed = 1;
  int threads = 1;  // that work, the caller of compute() among them
  base::Duration report_limit = std::chrono::seconds(5);  // how long rank 0 waits for the others' reports
  WorkerSetup worker{};                                   // its epoch and seed are set per computation
};

/// One per rank and job. Used by one thread.
class Runtime {
 public:
  Runtime(TaskTransport& transport, const TaskClock& clock, const RuntimeSetup& setup)
      : transport_(transport), clock_(clock), setup_(setup) {}

  /// See zel::compute(). The root's frame is settled afterwards.
  void compute(detail::TaskFrame& root, ComputeReport* report);

  /// Of the last computation, for tests.
  const DroppedMessages& dropped() const { return dropped_; }
  const EngineCounters& counters() const { return counters_; }

 private:
  void lead(Crew& crew, detail::TaskFrame& root, ComputeReport* report, base::Time start);
  void follow(Crew& crew, detail::TaskFrame& root, base::Time start);

  TaskTransport& transport_;
  const TaskClock& clock_;
  const RuntimeSetup setup_;
  std::uint32_t epoch_ = 0;
  EarlyMessages early_;
  DroppedMessages dropped_;
  EngineCounters counters_;
};

}  // namespace zel::task
