// Why: see worker.hpp. Here: what a rank's work and waiting mean to other ranks; worker_events.cpp has the rest.
#include "libzel/task/worker.hpp"

#include <algorithm>
#include <utility>

#include "libzel/task/failure_text.hpp"
#include "zel/error.hpp"

namespace zel::task {
Worker::Worker(Team& team, TaskTransport& transport, const TaskClock& clock, const WorkerSetup& setup,
               EarlyMessages& early)
    : ThreadWorker(team, clock, setup.thread),
      transport_(transport),
      clock_(clock),
      setup_(setup),
      early_(early),
      engine_({.rank = transport.rank(), .size = transport.size(), .seed = setup.thread.seed}, *this),
      spread_({.rank = transport.rank()}, shared_),
      reports_(static_cast<std::size_t>(transport.size())) {
  const TaskTransport::Pending pending = transport.pending();
  pending_ = pending.ask;
  pending_of_ = pending.of;
}

void Worker::run_root(detail::TaskFrame& root) {
  take_early_messages();
  root_ = &root;
  root.scope = &team_.outermost();
  deque_.push(&root);
  run_until_over();
  --tasks_;  // it was not spawned
  if (failure_) std::rethrow_exception(failure_);
  if (transport_.size() == 1) return;
  base::Bytes value;
  if (!root.error) {
    try {
      value = root.pack_result();
    } catch (...) {
      root.settle_failed(std::current_exception());
    }
  }
  engine_.on_root_done(!root.error, root.error ? failure_text(root.error) : std::move(value));
  carry_out();
}

Outcome Worker::run_until_finished() {
  take_early_messages();
  run_until_over();
  if (!outcome_) std::rethrow_exception(failure_);
  return std::move(*outcome_);
}

bool Worker::over() const { return root_ != nullptr ? root_->settled() : (outcome_ || failure_); }

// At a spawn or sync.
void Worker::look_outside() {
  serve(false);
  sweep_unwanted();
  engine_.on_work();
  carry_out();
  spread();
}

// What came from others is begun before messages are looked at: else two idle ranks could pass one task to
// and fro for ever.
detail::TaskFrame* Worker::outside_work() {
  if (foreign_.any_waiting() && may_begin()) {
    const auto task = foreign_.first_waiting();
    foreign_.set_state(task, ForeignTask::State::running);
    engine_.on_work();
    carry_out();
    ++stolen_;
    return task->frame.get();
  }
  if (returned_.empty()) return nullptr;
  detail::TaskFrame* const frame = returned_.front();
  returned_.pop_front();
  return frame;
}

void Worker::answer(detail::TaskFrame& frame, detail::FrameState how) {
  const auto task = foreign_.find(&frame);
  if (task->scope.cancelled_by() == nullptr) {
    bool ok = how == detail::FrameState::done;
    base::Bytes value;
    try {
      value = ok ? frame.pack_result() : failure_text(frame.error);
    } catch (...) {
      ok = false;
      value = failure_text(std::current_exception());
    }
    engine_.on_done(task->victim, task->id, ok, std::move(value));
  }
  foreign_.remove(task);
  carry_out();
}

void Worker::rest() {
  sweep_unwanted();
  const std::uint64_t before = changes_;
  serve(true);
  spread();
  if (changes_ != before || has_woken()) return;
  if (failure_ || outcome_ || transport_.size() == 1) {
    ThreadWorker::rest();
    return;
  }
  if (may_begin()) {
    const base::Time now = clock_.now();
    engine_.on_idle(now);
    engine_.on_timer(now);
  } else {
    give_back_waiting();
  }
  carry_out();
  if (changes_ != before || failure_ || has_woken()) return;
  wait_for_news();
}

// It sleeps in the transport, where messages wake it; those who ring its bell wake it there.
bool Worker::ring() {
  if (!ThreadWorker::ring()) return false;
  if (transport_.size() > 1) transport_.wake();
  return true;
}

void Worker::wait_for_news() {
  be_hungry(true);
  if (team_.size() > 1) {
    bell_.lie_down();
    team_.ask_others(*this);
    const bool news = has_woken() || (may_begin() && team_.anything_to_steal(*this));
    if (news) {
      bell_.get_up();
      return;
    }
  }
  try {
    transport_.wait(std::min(engine_.next_deadline(), spread_.next_deadline()));
  } catch (...) {
    fail(std::current_exception());
  }
  if (team_.size() > 1) bell_.get_up();
}

void Worker::give_back_waiting() {
  while (foreign_.any_waiting()) {
    const auto task = foreign_.first_waiting();
    engine_.give_back(task->victim, task->id);
    foreign_.remove(task);
  }
}

// What nobody wants

void Worker::drop_unwanted(std::deque<detail::TaskFrame*>& frames, bool lent) {
  std::erase_if(frames, [&](detail::TaskFrame* frame) {
    const detail::TaskScope* const cancelled = frame->scope->cancelled_by();
    if (cancelled == nullptr) return false;
    if (lent) engine_.cancel(frame);
    frame->settle_failed(unwanted(*cancelled));
    return true;
  });
}

void Worker::sweep_unwanted() {
  drop_unwanted(lent_, true);
  drop_unwanted(returned_, false);
  carry_out();
}

// What thieves get: first what was lent before or came from others, since those are old and large; then this
// thread's own, then that of the others.

bool Worker::has_work() const {
  return !returned_.empty() || foreign_.any_waiting() || has_own() || team_.anything_to_steal(*this);
}

detail::TaskFrame* Worker::oldest() {
  if (!returned_.empty()) {
    detail::TaskFrame* const frame = returned_.front();
    returned_.pop_front();
    return frame;
  }
  if (foreign_.any_waiting()) {
    const auto task = foreign_.first_waiting();
    foreign_.set_state(task, ForeignTask::State::lent);
    return task->frame.get();
  }
  if (detail::TaskFrame* const own = take_own_oldest()) return own;
  return team_.size() > 1 ? team_.steal(*this, 0) : nullptr;
}

std::optional<Loot> Worker::take_oldest() {
  detail::TaskFrame* const frame = oldest();
  if (frame == nullptr) return std::nullopt;
  try {
    Loot loot{frame, frame->type().key, frame->pack_task()};
    if (!frame->foreign) lent_.push_back(frame);
    return loot;
  } catch (...) {
    put_back(frame);  // it cannot be packed, so it is run here
    return std::nullopt;
  }
}

void Worker::put_back(detail::TaskFrame* frame) {
  if (frame->foreign) {
    const auto task = foreign_.find(frame);
    if (task != foreign_.none()) foreign_.set_state(task, ForeignTask::State::waiting);
  } else {
    returned_.push_back(frame);
  }
}

void Worker::forget_lent(const detail::TaskFrame* frame) {
  const auto found = std::find(lent_.begin(), lent_.end(), frame);
  if (found != lent_.end()) lent_.erase(found);
}

}  // namespace zel::task
