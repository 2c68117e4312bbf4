// Why: one rank inside one compute(): runs what is in its deque, carries out what the steal engine decides,
// and while it waits for a stolen child works on what it can get, on top of the waiting stack.
//
// Nesting cannot deadlock: a task waits only for tasks begun after it, or for tasks that nobody has begun,
// and a rank that is about to sleep either begins the tasks it holds or gives them back. It can waste stack,
// so it is bounded; at the bound a waiting rank gives back what it holds and only sleeps.
#pragma once

#include <deque>
#include <exception>
#include <optional>
#include <vector>

#include "libzel/task/busy_meter.hpp"
#include "libzel/task/foreign_tasks.hpp"
#include "libzel/task/steal_engine.hpp"
#include "libzel/task/transport.hpp"
#include "zel/task_worker.hpp"

namespace zel::task {

struct WorkerSetup {
  std::uint32_t epoch = 0;
  std::uint64_t seed = 1;
  int max_nesting = 32;                                // stolen tasks on one stack
  std::size_t max_stack_bytes = std::size_t{2} << 20;  // under a stolen task; the usual stack has 8 MiB
  std::size_t max_early = 4096;                        // messages of later computations that are kept
};

/// How the root ended.
struct Outcome {
  bool ok = true;
  base::Bytes value;
};

/// Messages for computations that this rank has not begun yet.
using EarlyMessages = std::deque<Received>;

struct DroppedMessages {
  std::uint64_t malformed = 0;
  std::uint64_t stale = 0;  // of an earlier computation
  std::uint64_t early = 0;  // of a later one, and too many to keep
};

class Worker final : public detail::TaskWorker, private WorkSource {
 public:
  Worker(TaskTransport& transport, const TaskClock& clock, const WorkerSetup& setup, EarlyMessages& early);

  /// Rank 0: runs the root, and tells everybody.
  void run_root(detail::TaskFrame& root);
  /// The others: steal and run until rank 0 says that the root is done. Throws Error: member_lost.
  Outcome run_until_finished();
  /// Rank 0, after run_root: the reports of the others that come before `deadline`.
  void collect_reports(base::Time deadline, std::vector<std::optional<Report>>& by_rank);
  /// The others, at the end.
  void send_report(const Report& report);

  /// This rank's share so far, without its wall time.
  Report share() const;
  const EngineCounters& counters() const { return engine_.counters(); }
  const DroppedMessages& dropped() const { return dropped_; }

  void finish(detail::TaskFrame& frame) noexcept override;

 private:
  void run_now(detail::TaskFrame& frame) override;
  void attend(detail::TaskFrame& frame) override;

  bool has_work() const override;
  std::optional<Loot> take_oldest() override;
  detail::TaskFrame* oldest();
  void drop_oldest();
  void put_back(detail::TaskFrame* frame);

  // Running
  void run_here(detail::TaskFrame& frame);
  void run_foreign(ForeignTasks::Iterator task);
  bool run_something();
  bool may_nest() const;
  void work_or_sleep();
  void abandon_frame(detail::TaskFrame& frame);
  void give_back_waiting();

  // Events and actions
  void take_early_messages();
  void serve(bool stop_at_work);
  void take_message(const Received& received);
  void watch_members();
  void bury_the_gone();
  void carry_out();
  void perform(Send& action);
  void perform(Accept& action);
  void perform(Deliver& action);
  void perform(Redo& action);
  void perform(Abandon& action);
  void perform(Finish& action);
  void perform(RootLost& action);
  void perform(Reported& action);
  void answer(ForeignTasks::Iterator task);
  void abandon_everything();
  void fail(std::exception_ptr cause);
  void update_attention() { attention_ = engine_.thieves_wait() || level_->abandoned; }

  TaskTransport& transport_;
  const TaskClock& clock_;
  const WorkerSetup setup_;
  EarlyMessages& early_;
  StealEngine engine_;
  BusyMeter meter_;
  ForeignTasks foreign_;
  std::deque<detail::TaskFrame*> returned_;  // lent once, to be run here after all
  Level outermost_;
  Level* level_ = &outermost_;
  const std::byte* const stack_base_;

  std::uint64_t stolen_ = 0;
  std::uint64_t changes_ = 0;  // counts what may end a wait
  std::uint64_t members_seen_ = 0;
  std::vector<int> gone_;  // as last seen, and not yet told to the engine
  bool members_known_ = false;
  std::optional<Outcome> outcome_;
  std::exception_ptr failure_;  // the transport's, or rank 0 is gone
  std::vector<std::optional<Report>> reports_;
  DroppedMessages dropped_;
};

}  // namespace zel::task
