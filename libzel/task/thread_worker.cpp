// Why: see thread_worker.hpp.
#include "libzel/task/thread_worker.hpp"

#include <algorithm>
#include <utility>

#include "libzel/task/task_fiber.hpp"
#include "zel/error.hpp"

namespace zel::task {
namespace {

// Looks at the others before a thread with nothing to do sleeps: some microseconds.
constexpr int looks_before_sleep = 64;

std::exception_ptr no_stack() {
  return std::make_exception_ptr(Error(
      Errc::limit_reached, "no stack is left for a task: the recursion is too deep, or too many tasks wait"));
}

}  // namespace

std::exception_ptr unwanted(const detail::TaskScope& cancelled) {
  if (cancelled.by_program) {
    return std::make_exception_ptr(Error(Errc::aborted, "the task belongs to an AbortScope that was aborted"));
  }
  return std::make_exception_ptr(
      Error(Errc::member_lost,
            "this task was stolen from a rank that is gone, or the root is done: nobody waits for it"));
}

ThreadWorker::ThreadWorker(Team& team, const TaskClock& clock, const ThreadSetup& setup)
    : team_(team),
      setup_(setup),
      meter_(clock),
      bell_(team.ward()),
      stacks_(setup.stacks),
      random_(static_cast<std::minstd_rand::result_type>(setup.seed)) {
  team.add(*this);
  be_hungry(true);
}

ThreadWorker::~ThreadWorker() = default;

void ThreadWorker::help() {
  detail::current_worker = this;
  run_until_over();
  detail::current_worker = nullptr;
}

// The loop

void ThreadWorker::run_until_over() {
  if (team_.size() > 1) ask();
  for (;;) {
    if (TaskFiber* const ready = next_ready()) {
      resume(*ready);
    } else if (detail::TaskFrame* const own = newest()) {
      begin(*own);
    } else if (over()) {
      if (fibers_ == 0) break;
      meter_.pause();
      rest();
    } else if (detail::TaskFrame* const other = next_stolen()) {
      begin(*other);
    } else {
      meter_.pause();
      rest();
    }
  }
  meter_.pause();
}

detail::TaskFrame* ThreadWorker::next_stolen() {
  if (detail::TaskFrame* const frame = outside_work()) return frame;
  return team_.size() > 1 && may_begin() ? team_.steal(*this, random_()) : nullptr;
}

bool ThreadWorker::anything_to_do() const {
  return has_woken() || team_.stopped() || (may_begin() && team_.anything_to_steal(*this));
}

void ThreadWorker::be_hungry(bool hungry) {
  if (hungry == hungry_) return;
  hungry_ = hungry;
  team_.count_hungry(hungry ? 1 : -1);
  if (hungry) team_.ask_others(*this);
}

void ThreadWorker::rest() {
  be_hungry(true);
  for (int i = 0; i < looks_before_sleep; ++i) {
    if (anything_to_do()) return;
    if (i >= looks_before_sleep / 2) std::this_thread::yield();
  }
  bell_.lie_down();
  team_.ask_others(*this);
  if (anything_to_do()) {
    bell_.get_up();
  } else {
    bell_.sleep();
  }
}

// Fibres

void ThreadWorker::begin(detail::TaskFrame& frame) {
  if (const detail::TaskScope* const cancelled = frame.scope->cancelled_by()) {
    frame.error = unwanted(*cancelled);
    settle(frame, detail::FrameState::failed);
    return;
  }
  const auto stack = stacks_.take();
  if (!stack) {
    frame.error = no_stack();
    settle(frame, detail::FrameState::failed);
    return;
  }
  ++tasks_;
  ++fibers_;
  ++stacks_made_;
  resume(*new TaskFiber(*this, frame, *stack));
}

void ThreadWorker::resume(TaskFiber& fiber) {
  on_busy();
  be_hungry(false);
  meter_.resume();
  current_ = &fiber;
  scope_ = fiber.scope;
  stack_floor_ = fiber.fiber.stack().bottom + std::min(setup_.stack_reserve_bytes, fiber.fiber.stack().bytes / 2);
  if (scope_->cancelled_by() != nullptr) ask();
  fiber.fiber.resume();
  current_ = nullptr;
  stack_floor_ = nullptr;
  scope_ = nullptr;
  if (!fiber.fiber.ended()) return;
  const fiber::Stack stack = fiber.fiber.stack();
  delete &fiber;
  --fibers_;
  stacks_.give_back(stack);
}

void ThreadWorker::await(detail::TaskFrame& frame) {
  TaskFiber& self = *current_;
  frame.waiter = &self;
  auto expected = detail::FrameState::queued;
  if (!frame.state.compare_exchange_strong(expected, detail::FrameState::awaited, std::memory_order_acq_rel,
                                           std::memory_order_acquire)) {
    return;
  }
  self.scope = scope_;
  self.fiber.suspend();
}

void ThreadWorker::wake(TaskFiber& fiber) {
  if (detail::current_worker == this) {
    ready_.push_back(&fiber);
    return;
  }
  {
    const std::lock_guard lock(inbox_mutex_);
    inbox_.push_back(&fiber);
    has_inbox_.store(true, std::memory_order_seq_cst);
  }
  ring();
}

// The last woken first: on a deep recursion it is the innermost.
TaskFiber* ThreadWorker::next_ready() {
  while (urgent_ != nullptr) begin(*std::exchange(urgent_, nullptr));
  if (has_inbox_.load(std::memory_order_relaxed)) {
    const std::lock_guard lock(inbox_mutex_);
    ready_.insert(ready_.end(), inbox_.begin(), inbox_.end());
    inbox_.clear();
    has_inbox_.store(false, std::memory_order_relaxed);
  }
  if (ready_.empty()) return nullptr;
  TaskFiber* const fiber = ready_.back();
  ready_.pop_back();
  return fiber;
}

void ThreadWorker::settle(detail::TaskFrame& frame, detail::FrameState how) {
  if (frame.foreign) {
    answer(frame, how);
  } else {
    frame.settle(how);
  }
}

// Spawn and sync

void ThreadWorker::run_inline(detail::TaskFrame& frame) {
  if (stack_is_low()) {
    run_apart(frame);
    return;
  }
  if (const detail::TaskScope* const cancelled = frame.scope->cancelled_by()) {
    frame.error = unwanted(*cancelled);
    frame.state.store(detail::FrameState::failed, std::memory_order_relaxed);
    return;
  }
  ++tasks_;
  const detail::TaskScope* const before = std::exchange(scope_, frame.scope);
  const detail::FrameState how = frame.run();
  scope_ = before;
  frame.state.store(how, std::memory_order_relaxed);
}

void ThreadWorker::run_apart(detail::TaskFrame& frame) noexcept {
  frame.state.store(detail::FrameState::queued, std::memory_order_relaxed);
  if (frame.scope == nullptr) frame.scope = scope_;
  urgent_ = &frame;
  await(frame);
}

void ThreadWorker::run_now(detail::TaskFrame& frame) { run_inline(frame); }

void ThreadWorker::look_up() {
  asked_.store(false, std::memory_order_relaxed);
  look_outside();
  if (team_.size() > 1) offer();
  if (wants_to_look() || scope_->cancelled_by() != nullptr || offers_too_little()) ask();
}

void ThreadWorker::attend(detail::TaskFrame& frame) {
  look_up();
  const detail::TaskScope* const cancelled = scope_->cancelled_by();
  if (cancelled == nullptr) return;
  if (deque_.pop_if_top(&frame)) {
    frame.error = unwanted(*cancelled);
    frame.state.store(detail::FrameState::failed, std::memory_order_relaxed);
  } else {
    finish(frame);
  }
  std::rethrow_exception(unwanted(*cancelled));
}

bool ThreadWorker::take_back_slowly(detail::TaskFrame& frame) {
  look_up();
  if (const detail::TaskScope* const cancelled = frame.scope->cancelled_by()) {
    frame.error = unwanted(*cancelled);
    frame.state.store(detail::FrameState::failed, std::memory_order_relaxed);
    return false;
  }
  if (stack_is_low()) {
    run_apart(frame);
    return false;
  }
  frame.state.store(detail::FrameState::taken, std::memory_order_relaxed);
  ++tasks_;
  return true;
}

void ThreadWorker::finish(detail::TaskFrame& frame) noexcept {
  while (!frame.settled()) {
    if (take_if_next(frame)) {
      run_inline(frame);
    } else {
      await(frame);
    }
  }
}

bool ThreadWorker::take_if_next(const detail::TaskFrame& frame) {
  if (!deque_.empty()) return deque_.pop_if_top(&frame);
  detail::TaskFrame* const last = offered_.pop();
  if (last == nullptr) return false;
  if (last == &frame) {
    if (offers_too_little()) ask();
    return true;
  }
  deque_.push(last);
  return false;
}

detail::TaskFrame* ThreadWorker::newest() {
  if (detail::TaskFrame* const frame = deque_.pop()) return frame;
  detail::TaskFrame* const frame = offered_.pop();
  if (offers_too_little()) ask();
  return frame;
}

// What others get

void ThreadWorker::offer() {
  while (!deque_.empty() && offers_too_little()) {
    if (!offered_.push(deque_.oldest())) break;
    deque_.drop_oldest();
  }
  if (!offered_.empty()) team_.wake_one_if_asleep();
}

detail::TaskFrame* ThreadWorker::give() {
  detail::TaskFrame* const frame = offered_.steal();
  if (frame != nullptr && offers_too_little()) ask();
  return frame;
}

detail::TaskFrame* ThreadWorker::take_own_oldest() {
  if (detail::TaskFrame* const frame = offered_.steal()) return frame;
  detail::TaskFrame* const frame = deque_.oldest();
  deque_.drop_oldest();
  return frame;
}

}  // namespace zel::task
