// Why: see worker.hpp. Here: running tasks and waiting for them; worker_events.cpp has the rest.
#include "libzel/task/worker.hpp"

#include <algorithm>

#include "libzel/task/failure_text.hpp"
#include "zel/error.hpp"

namespace zel::task {
namespace {

const std::byte* stack_pointer() { return static_cast<const std::byte*>(__builtin_frame_address(0)); }

Error abandoned_error() {
  return {Errc::member_lost,
          "this task was stolen from a rank that is gone, or the root is done: nobody waits for it"};
}

}  // namespace

Worker::Worker(TaskTransport& transport, const TaskClock& clock, const WorkerSetup& setup,
               EarlyMessages& early)
    : transport_(transport),
      clock_(clock),
      setup_(setup),
      early_(early),
      engine_({.rank = transport.rank(), .size = transport.size(), .seed = setup.seed}, *this),
      meter_(clock),
      stack_base_(stack_pointer()),
      reports_(static_cast<std::size_t>(transport.size())) {
  const TaskTransport::Pending pending = transport.pending();
  pending_ = pending.ask;
  pending_of_ = pending.of;
}

void Worker::run_root(detail::TaskFrame& root) {
  take_early_messages();
  meter_.resume();
  root.run();
  meter_.pause();
  if (failure_) std::rethrow_exception(failure_);
  if (transport_.size() == 1) return;
  base::Bytes value;
  if (!root.error) {
    try {
      value = root.pack_result();
    } catch (...) {
      root.fail(std::current_exception());
    }
  }
  engine_.on_root_done(!root.error, root.error ? failure_text(root.error) : std::move(value));
  carry_out();
}

Outcome Worker::run_until_finished() {
  take_early_messages();
  while (!outcome_ && !failure_) work_or_sleep();
  if (!outcome_) std::rethrow_exception(failure_);
  return std::move(*outcome_);
}

// Spawning

void Worker::run_now(detail::TaskFrame& frame) {
  ++tasks_;
  frame.run();
}

void Worker::attend(detail::TaskFrame& frame) {
  serve(false);
  engine_.on_work();
  carry_out();
  if (!level_->abandoned) return;
  abandon_frame(frame);
  throw abandoned_error();
}

// Waiting

void Worker::finish(detail::TaskFrame& frame) noexcept {
  if (frame.state == detail::FrameState::lent) serve(false);
  while (!frame.settled()) {
    if (level_->abandoned) {
      abandon_frame(frame);
    } else if (frame.state == detail::FrameState::returned) {
      std::erase(returned_, &frame);
      run_here(frame);
    } else if (detail::TaskFrame* newest = deque_.pop()) {
      run_here(*newest);
    } else {
      meter_.pause();
      work_or_sleep();
    }
  }
  engine_.on_busy();
  meter_.resume();
}

void Worker::run_here(detail::TaskFrame& frame) {
  engine_.on_busy();
  meter_.resume();
  ++tasks_;
  frame.run();
}

bool Worker::may_nest() const {
  const auto used = static_cast<std::size_t>(std::abs(stack_base_ - stack_pointer()));
  return level_->depth < setup_.max_nesting && used < setup_.max_stack_bytes;
}

// Work that is here is begun before messages are looked at: else two idle ranks could pass one task to and
// fro for ever.
void Worker::work_or_sleep() {
  if (may_nest() && run_something()) return;
  const std::uint64_t before = changes_;
  serve(true);
  if (changes_ != before || failure_) return;
  if (may_nest()) {
    const base::Time now = clock_.now();
    engine_.on_idle(now);
    engine_.on_timer(now);
  } else {
    give_back_waiting();
  }
  carry_out();
  if (changes_ != before || failure_) return;
  try {
    transport_.wait(engine_.next_deadline());
  } catch (...) {
    fail(std::current_exception());
  }
}

bool Worker::run_something() {
  if (foreign_.any_waiting()) {
    run_foreign(foreign_.first_waiting());
    return true;
  }
  if (returned_.empty()) return false;
  // It belongs to a task further down the stack, so it gets a level of its own: if what waits on top of the
  // stack is abandoned meanwhile, this must not be.
  detail::TaskFrame* const frame = returned_.front();
  returned_.pop_front();
  Level level{level_, level_->depth + 1, false};
  level_ = &level;
  update_attention();
  run_here(*frame);
  meter_.pause();
  level_ = level.below;
  update_attention();
  return true;
}

void Worker::run_foreign(ForeignTasks::Iterator task) {
  Level level{level_, level_->depth + 1, false};
  foreign_.set_state(task, ForeignTask::State::running);
  task->level = &level;
  level_ = &level;
  engine_.on_work();
  carry_out();
  ++stolen_;
  run_here(*task->frame);
  meter_.pause();
  level_ = level.below;
  if (level.abandoned) {
    foreign_.remove(task);
  } else {
    answer(task);
  }
  carry_out();
}

void Worker::give_back_waiting() {
  while (foreign_.any_waiting()) {
    const auto task = foreign_.first_waiting();
    engine_.give_back(task->victim, task->id);
    foreign_.remove(task);
  }
}

// Drops a frame that nobody waits for, wherever it is.
void Worker::abandon_frame(detail::TaskFrame& frame) {
  switch (frame.state) {
    case detail::FrameState::queued: deque_.remove(&frame); break;
    case detail::FrameState::lent: engine_.cancel(&frame); break;
    case detail::FrameState::returned: std::erase(returned_, &frame); break;
    default: break;
  }
  frame.fail(std::make_exception_ptr(abandoned_error()));
  carry_out();
}

// What thieves get: first what was lent before or came from others, since those are old and large.

bool Worker::has_work() const { return !returned_.empty() || foreign_.any_waiting() || !deque_.empty(); }

detail::TaskFrame* Worker::oldest() {
  if (!returned_.empty()) return returned_.front();
  if (foreign_.any_waiting()) return foreign_.first_waiting()->frame.get();
  return deque_.oldest();
}

void Worker::drop_oldest() {
  if (!returned_.empty()) {
    returned_.pop_front();
  } else if (foreign_.any_waiting()) {
    foreign_.set_state(foreign_.first_waiting(), ForeignTask::State::lent);
  } else {
    deque_.drop_oldest();
  }
}

std::optional<Loot> Worker::take_oldest() {
  detail::TaskFrame* const frame = oldest();
  if (frame == nullptr) return std::nullopt;
  try {
    Loot loot{frame, frame->type().key, frame->pack_task()};
    drop_oldest();
    frame->state = detail::FrameState::lent;
    return loot;
  } catch (...) {
    return std::nullopt;  // it cannot be packed, so it stays
  }
}

void Worker::put_back(detail::TaskFrame* frame) {
  if (frame->foreign) {
    const auto task = foreign_.find(frame);
    if (task != foreign_.none()) foreign_.set_state(task, ForeignTask::State::waiting);
  } else {
    frame->state = detail::FrameState::returned;
    returned_.push_back(frame);
  }
}

}  // namespace zel::task
