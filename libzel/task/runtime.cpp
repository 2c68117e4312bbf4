// Why: see runtime.hpp.
#include "libzel/task/runtime.hpp"

#include <functional>
#include <memory>
#include <thread>

#include "libzel/task/failure_text.hpp"
#include "libzel/task/shared_registry.hpp"
#include "libzel/task/type_registry.hpp"

namespace zel::task {
namespace {

WorkerReport to_public(int rank, const Report& report) {
  constexpr double ns_per_second = 1e9;
  return {.rank = rank,
          .tasks = report.tasks,
          .stolen = report.stolen,
          .steal_attempts = report.steal_attempts,
          .redone = report.redone,
          .threads = static_cast<int>(report.threads),
          .busy_seconds = static_cast<double>(report.busy_ns) / ns_per_second,
          .wall_seconds = static_cast<double>(report.wall_ns) / ns_per_second};
}

}  // namespace

/// The threads of one computation.
class Crew {
 public:
  Crew(TaskTransport& transport, const TaskClock& clock, const RuntimeSetup& setup, const WorkerSetup& worker,
       EarlyMessages& early)
      : clock_(clock), first(team_, transport, clock, worker, early) {
    ThreadSetup thread = worker.thread;
    for (int i = 1; i < setup.threads; ++i) {
      thread.seed += 0x9e3779b97f4a7c15u;
      helpers_.push_back(std::make_unique<ThreadWorker>(team_, clock, thread));
    }
  }

  /// Runs `work` on this thread, and the others beside it.
  void run(const std::function<void()>& work) {
    std::vector<std::thread> threads;
    const auto end = [&] {
      detail::current_worker = nullptr;
      team_.stop();
      for (std::thread& thread : threads) thread.join();
    };
    try {
      for (const auto& helper : helpers_) threads.emplace_back([&helper] { helper->help(); });
      detail::current_worker = &first;
      work();
    } catch (...) {
      end();
      throw;
    }
    end();
  }

  /// The rank's share.
  Report share(base::Time start) const {
    Report report = first.share();
    for (const auto& helper : helpers_) {
      report.tasks += helper->tasks();
      report.busy_ns += static_cast<std::uint64_t>(helper->busy().count());
    }
    report.wall_ns = static_cast<std::uint64_t>((clock_.now() - start).count());
    report.threads = helpers_.size() + 1;
    return report;
  }

 private:
  const TaskClock& clock_;
  Team team_;
  std::vector<std::unique_ptr<ThreadWorker>> helpers_;

 public:
  Worker first;
};

void Runtime::compute(detail::TaskFrame& root, ComputeReport* report) {
  if (detail::current_worker != nullptr) {
    throw Error(Errc::usage, "zel::compute() was called inside a task: spawn a child instead");
  }
  if (const auto collision = colliding_task_types()) throw Error(Errc::usage, *collision);
  if (const auto collision = colliding_shared_values()) throw Error(Errc::usage, *collision);
  for (detail::SharedValue* const value : shared_values()) value->begin();
  if (report != nullptr) report->workers.clear();
  const base::Time start = clock_.now();
  WorkerSetup setup = setup_.worker;
  setup.epoch = ++epoch_;
  setup.thread.seed = setup_.seed + epoch_;
  Crew crew(transport_, clock_, setup_, setup, early_);
  if (transport_.rank() == 0) {
    lead(crew, root, report, start);
  } else {
    follow(crew, root, start);
  }
  dropped_ = crew.first.dropped();
  counters_ = crew.first.counters();
}

void Runtime::lead(Crew& crew, detail::TaskFrame& root, ComputeReport* report, base::Time start) {
  crew.run([&] { crew.first.run_root(root); });
  if (report == nullptr) return;
  const Report own = crew.share(start);
  std::vector<std::optional<Report>> reports(1);
  if (transport_.size() > 1) crew.first.collect_reports(clock_.now() + setup_.report_limit, reports);
  reports.front() = own;
  for (std::size_t rank = 0; rank < reports.size(); ++rank) {
    if (reports[rank]) report->workers.push_back(to_public(static_cast<int>(rank), *reports[rank]));
  }
}

void Runtime::follow(Crew& crew, detail::TaskFrame& root, base::Time start) {
  Outcome outcome;
  crew.run([&] { outcome = crew.first.run_until_finished(); });
  try {
    crew.first.send_report(crew.share(start));
  } catch (const Error&) {
    // The result is here; that its cost cannot be reported any more does not make it worse.
  }
  if (outcome.ok) {
    root.unpack_result(outcome.value);
    root.settle(detail::FrameState::done);
  } else {
    root.settle_failed(remote_failure(outcome.value, 0));
  }
}

}  // namespace zel::task

namespace zel {

double ComputeReport::efficiency() const {
  double busy = 0;
  double wall = 0;
  for (const WorkerReport& worker : workers) {
    busy += worker.busy_seconds;
    wall += worker.wall_seconds * worker.threads;
  }
  return wall > 0 ? busy / wall : 0;
}

}  // namespace zel
