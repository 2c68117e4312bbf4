// Why: one rank inside one compute(): its thread that knows the other ranks. It works like the rank's other
// threads, and besides carries out what the steal engine decides: takes in tasks of other ranks, and lends
// them the oldest of its own or, when it has none, of the rank's other threads.
//
// A lent task is to its parent like one that another thread took: it is settled when the result comes, or
// after it was run here all the same. A rank that has as many suspended tasks as it may gives back what it
// was lent and did not begin, so that whoever waits for it does not wait for ever.
#pragma once

#include <deque>
#include <exception>
#include <optional>
#include <vector>

#include "libzel/task/foreign_tasks.hpp"
#include "libzel/task/shared_registry.hpp"
#include "libzel/task/shared_spread.hpp"
#include "libzel/task/steal_engine.hpp"
#include "libzel/task/thread_worker.hpp"
#include "libzel/task/transport.hpp"

namespace zel::task {

struct WorkerSetup {
  std::uint32_t epoch = 0;
  std::size_t max_early = 4096;  // messages of later computations that are kept
  ThreadSetup thread{};
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

class Worker final : public ThreadWorker, private WorkSource {
 public:
  Worker(Team& team, TaskTransport& transport, const TaskClock& clock, const WorkerSetup& setup,
         EarlyMessages& early);

  /// Rank 0: runs the root, and tells everybody.
  void run_root(detail::TaskFrame& root);
  /// The others: steal and run until rank 0 says that the root is done. Throws Error: member_lost.
  Outcome run_until_finished();
  /// Rank 0, after run_root: the reports of the others that come before `deadline`.
  void collect_reports(base::Time deadline, std::vector<std::optional<Report>>& by_rank);
  /// The others, at the end.
  void send_report(const Report& report);

  /// This thread's share so far, without its wall time.
  Report share() const;
  bool ring() override;
  const EngineCounters& counters() const { return engine_.counters(); }
  const DroppedMessages& dropped() const { return dropped_; }

 private:
  // WorkSource
  bool has_work() const override;
  std::optional<Loot> take_oldest() override;

  // ThreadWorker
  void look_outside() override;
  bool wants_to_look() const override { return engine_.thieves_wait() || (transport_.size() > 1 && spread_.waits()); }
  detail::TaskFrame* outside_work() override;
  void answer(detail::TaskFrame& frame, detail::FrameState how) override;
  void on_busy() override { engine_.on_busy(); }
  bool over() const override;
  void rest() override;

  // Lending
  detail::TaskFrame* oldest();
  void put_back(detail::TaskFrame* frame);
  void forget_lent(const detail::TaskFrame* frame);
  void sweep_unwanted();
  void drop_unwanted(std::deque<detail::TaskFrame*>& frames, bool lent);
  void give_back_waiting();

  // Events and actions
  void take_early_messages();
  void serve(bool stop_at_work);
  void take_message(const Received& received);
  void take_shared(const Received& received);
  void spread();
  void send_shared(int to, const base::Bytes& bytes);
  void watch_members();
  void bury_the_gone();
  void wait_for_news();
  void carry_out();
  void perform(Send& action);
  void perform(Accept& action);
  void perform(Deliver& action);
  void perform(Redo& action);
  void perform(Abandon& action);
  void perform(Finish& action);
  void perform(RootLost& action);
  void perform(Reported& action);
  void abandon_everything();
  void fail(std::exception_ptr cause);

  TaskTransport& transport_;
  const TaskClock& clock_;
  const WorkerSetup setup_;
  EarlyMessages& early_;
  StealEngine engine_;
  RegisteredValues shared_;
  SharedSpread spread_;
  ForeignTasks foreign_;
  std::deque<detail::TaskFrame*> returned_;  // lent once, to be run here after all
  std::deque<detail::TaskFrame*> lent_;      // not foreign ones
  const detail::TaskFrame* root_ = nullptr;

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
