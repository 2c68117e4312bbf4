// Why: see runtime.hpp.
#include "libzel/task/runtime.hpp"

#include "libzel/task/failure_text.hpp"
#include "libzel/task/type_registry.hpp"

namespace zel::task {
namespace {

/// Makes the worker the thread's, as long as it lives.
class Installed {
 public:
  explicit Installed(Worker& worker) { detail::current_worker = &worker; }
  ~Installed() { detail::current_worker = nullptr; }
  Installed(const Installed&) = delete;
  Installed& operator=(const Installed&) = delete;
};

Report timed(Report report, base::Duration wall) {
  report.wall_ns = static_cast<std::uint64_t>(wall.count());
  return report;
}

WorkerReport to_public(int rank, const Report& report) {
  constexpr double ns_per_second = 1e9;
  return {.rank = rank,
          .tasks = report.tasks,
          .stolen = report.stolen,
          .steal_attempts = report.steal_attempts,
          .redone = report.redone,
          .busy_seconds = static_cast<double>(report.busy_ns) / ns_per_second,
          .wall_seconds = static_cast<double>(report.wall_ns) / ns_per_second};
}

}  // namespace

void Runtime::compute(detail::TaskFrame& root, ComputeReport* report) {
  if (detail::current_worker != nullptr) {
    throw Error(Errc::usage, "zel::compute() was called inside a task: spawn a child instead");
  }
  if (const auto collision = colliding_task_types()) throw Error(Errc::usage, *collision);
  if (report != nullptr) report->workers.clear();
  const base::Time start = clock_.now();
  WorkerSetup setup = setup_.worker;
  setup.epoch = ++epoch_;
  setup.seed = setup_.seed + epoch_;
  Worker worker(transport_, clock_, setup, early_);
  if (transport_.rank() == 0) {
    lead(worker, root, report, start);
  } else {
    follow(worker, root, start);
  }
  dropped_ = worker.dropped();
  counters_ = worker.counters();
}

void Runtime::lead(Worker& worker, detail::TaskFrame& root, ComputeReport* report, base::Time start) {
  {
    const Installed installed(worker);
    worker.run_root(root);
  }
  if (report == nullptr) return;
  const Report own = timed(worker.share(), clock_.now() - start);
  std::vector<std::optional<Report>> reports(1);
  if (transport_.size() > 1) worker.collect_reports(clock_.now() + setup_.report_limit, reports);
  reports.front() = own;
  for (std::size_t rank = 0; rank < reports.size(); ++rank) {
    if (reports[rank]) report->workers.push_back(to_public(static_cast<int>(rank), *reports[rank]));
  }
}

void Runtime::follow(Worker& worker, detail::TaskFrame& root, base::Time start) {
  Outcome outcome;
  {
    const Installed installed(worker);
    outcome = worker.run_until_finished();
  }
  try {
    worker.send_report(timed(worker.share(), clock_.now() - start));
  } catch (const Error&) {
    // The result is here; that its cost cannot be reported any more does not make it worse.
  }
  if (outcome.ok) {
    root.unpack_result(outcome.value);
  } else {
    root.fail(remote_failure(outcome.value, 0));
  }
}

}  // namespace zel::task

namespace zel {

double ComputeReport::efficiency() const {
  double busy = 0;
  double wall = 0;
  for (const WorkerReport& worker : workers) {
    busy += worker.busy_seconds;
    wall += worker.wall_seconds;
  }
  return wall > 0 ? busy / wall : 0;
}

}  // namespace zel
