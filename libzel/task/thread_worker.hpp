// Why: one thread inside one compute(). Tasks run on fibres; the thread's own stack runs the loop that picks
// what is next: a fibre whose child has come, the newest task of its own, another thread's oldest.
//
// A spawned task lies in a deque that only this thread sees. When others want work, which a flag says, the
// oldest are moved to a second deque, from which all steal. So a spawn and its sync cost nothing for the
// possibility of a theft. In stock are as many as there are threads without work, and one; a thief that leaves
// fewer asks for more, and is heard at the victim's next spawn or sync.
//
// A task waits only for tasks that it spawned. A child that was taken leaves the parent's fibre suspended, and
// nothing is run on top of it; so a fibre waits for what its task needs and for nothing else. New tasks are
// begun while there are fewer fibres than a limit; tasks of this thread's own deques always are, since a
// parent may wait for them.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

#include "libzel/fiber/bell.hpp"
#include "libzel/fiber/fiber.hpp"
#include "libzel/fiber/stack_pool.hpp"
#include "libzel/fiber/steal_deque.hpp"
#include "libzel/task/busy_meter.hpp"
#include "libzel/task/team.hpp"
#include "libzel/task/transport.hpp"
#include "zel/task_worker.hpp"

namespace zel::task {

struct ThreadSetup {
  std::uint64_t seed = 1;
  int max_fibers = 1024;  // above it nothing is begun but tasks of the thread's own
  // A task that is begun finds at least so much stack.
  std::size_t stack_reserve_bytes = std::size_t{1} << 19;
  fiber::StackLimits stacks{};
};

class TaskFiber;

class ThreadWorker : public detail::TaskWorker {
 public:
  ThreadWorker(Team& team, const TaskClock& clock, const ThreadSetup& setup);
  ~ThreadWorker() override;

  /// A helping thread's whole life: until the team stops.
  void help();

  void finish(detail::TaskFrame& frame) noexcept override;
  void run_apart(detail::TaskFrame& frame) noexcept override;
  void tell_all() override { team_.tell_all(); }
  void tell_ranks() override { team_.ask_first(); }

  // Any thread:
  /// The oldest of what is offered, or null.
  detail::TaskFrame* give();
  bool offers() const { return !offered_.empty(); }
  /// What the fibre, of this thread, waited for is there.
  void wake(TaskFiber& fiber);
  /// Wakes it if it sleeps for want of anything to do; tells whether this call did.
  virtual bool ring() { return bell_.ring(); }

  // Once its thread has ended, or by it:
  std::uint64_t tasks() const { return tasks_; }
  base::Duration busy() const { return meter_.total(); }
  std::uint64_t stacks_made() const { return stacks_made_; }

 protected:
  // What else a thread may have to look after.
  /// At a spawn or sync that was asked to look up.
  virtual void look_outside() {}
  virtual bool wants_to_look() const { return false; }
  /// Tasks beyond those of the team, when there is nothing else. Not those of others unless may_begin().
  virtual detail::TaskFrame* outside_work() { return nullptr; }
  /// A foreign task is settled.
  virtual void answer(detail::TaskFrame&, detail::FrameState) {}
  virtual void on_busy() {}
  virtual bool over() const { return team_.stopped(); }
  /// Nothing to do: returns when there may be.
  virtual void rest();

  void run_until_over();
  void settle(detail::TaskFrame& frame, detail::FrameState how);
  /// The oldest of this thread's own, taken out, or null.
  detail::TaskFrame* take_own_oldest();
  bool has_own() const { return !deque_.empty() || offers(); }
  bool has_woken() const { return !ready_.empty() || has_inbox_.load(std::memory_order_seq_cst); }
  void be_hungry(bool hungry);
  bool may_begin() const { return static_cast<int>(fibers_) < setup_.max_fibers; }

  Team& team_;
  const ThreadSetup setup_;
  BusyMeter meter_;
  fiber::Bell bell_;

 private:
  friend class TaskFiber;

  void look() override { look_up(); }
  void run_now(detail::TaskFrame& frame) override;
  void attend(detail::TaskFrame& frame) override;
  bool take_back_slowly(detail::TaskFrame& frame) override;

  void look_up();
  void offer();
  bool offers_too_little() const { return team_.size() > 1 && offered_.size() < team_.wanted(); }
  detail::TaskFrame* newest();
  detail::TaskFrame* next_stolen();
  bool take_if_next(const detail::TaskFrame& frame);
  void run_inline(detail::TaskFrame& frame);
  void await(detail::TaskFrame& frame);
  void begin(detail::TaskFrame& frame);
  void resume(TaskFiber& fiber);
  TaskFiber* next_ready();
  bool anything_to_do() const;

  fiber::StealDeque<detail::TaskFrame> offered_;
  fiber::StackPool stacks_;
  TaskFiber* current_ = nullptr;
  bool hungry_ = false;
  detail::TaskFrame* urgent_ = nullptr;  // to be begun before all else
  std::deque<TaskFiber*> ready_;
  std::size_t fibers_ = 0;
  std::uint64_t stacks_made_ = 0;  // fibres begun
  std::minstd_rand random_;

  std::mutex inbox_mutex_;
  std::vector<TaskFiber*> inbox_;  // woken by other threads
  std::atomic<bool> has_inbox_{false};
};

/// Why nobody wants a task of this cancelled scope any more.
std::exception_ptr unwanted(const detail::TaskScope& cancelled);

}  // namespace zel::task
