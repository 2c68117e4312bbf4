// Why: what reaches a worker from outside, and what the steal engine wants done about it.
#include <utility>

#include "libzel/task/failure_text.hpp"
#include "libzel/task/shared_message.hpp"
#include "libzel/task/type_registry.hpp"
#include "libzel/task/worker.hpp"
#include "zel/error.hpp"

namespace zel::task {
namespace {

// Messages taken in one go, so that a storm of them cannot keep a worker from working.
constexpr int max_messages_per_visit = 64;

base::Bytes text_bytes(std::string_view text) {
  const base::ByteView view = base::as_bytes(text);
  return {view.begin(), view.end()};
}

}  // namespace

// Events

void Worker::take_early_messages() {
  EarlyMessages early = std::exchange(early_, {});
  for (const Received& received : early) {
    take_message(received);
    carry_out();
  }
}

void Worker::serve(bool stop_at_work) {
  if (failure_ || outcome_) return;
  bool was_busy = false;
  try {
    watch_members();
    for (int i = 0; i < max_messages_per_visit && !failure_ && !outcome_; ++i) {
      const auto received = transport_.poll();
      if (!received) {
        bury_the_gone();
        break;
      }
      was_busy = meter_.pause() || was_busy;
      take_message(*received);
      carry_out();
      if (stop_at_work && foreign_.any_waiting()) break;
    }
  } catch (...) {
    fail(std::current_exception());
  }
  if (was_busy) meter_.resume();
}

void Worker::take_message(const Received& received) {
  const auto epoch = epoch_of(received.bytes);
  if (epoch && *epoch < setup_.epoch) {
    ++dropped_.stale;
  } else if (epoch && *epoch > setup_.epoch) {
    if (early_.size() < setup_.max_early) {
      early_.push_back(received);
    } else {
      ++dropped_.early;
    }
  } else if (is_shared_message(received.bytes)) {
    take_shared(received);
  } else if (auto message = decode(received.bytes)) {
    engine_.on_message(received.from, std::move(*message), clock_.now());
  } else {
    ++dropped_.malformed;
  }
}

void Worker::watch_members() {
  const std::uint64_t version = transport_.members_version();
  if (members_known_ && version == members_seen_) return;
  members_known_ = true;
  members_seen_ = version;
  const std::vector<Presence> presence = transport_.presence();
  gone_.clear();
  std::vector<int> present;
  for (int rank = 0; rank < transport_.size(); ++rank) {
    switch (presence[static_cast<std::size_t>(rank)]) {
      case Presence::unknown: break;
      case Presence::present:
        engine_.on_joined(rank);
        present.push_back(rank);
        break;
      case Presence::gone: gone_.push_back(rank); break;
    }
  }
  spread_.on_members(present);
  carry_out();
}

/// Who is gone may have sent its last messages, even the final result, before it went: it is dead to the
/// engine only when nothing is left to be received.
void Worker::bury_the_gone() {
  for (const int rank : std::exchange(gone_, {})) engine_.on_gone(rank, clock_.now());
  carry_out();
}

void Worker::collect_reports(base::Time deadline, std::vector<std::optional<Report>>& by_rank) {
  const auto complete = [&] {
    for (int rank = 1; rank < transport_.size(); ++rank) {
      if (engine_.presence(rank) != Presence::gone && !reports_[static_cast<std::size_t>(rank)]) return false;
    }
    return true;
  };
  while (!failure_) {
    serve(false);
    if (complete() || clock_.now() >= deadline) break;
    try {
      transport_.wait(deadline);
    } catch (...) {
      fail(std::current_exception());
    }
  }
  by_rank = reports_;
}

void Worker::send_report(const Report& report) { transport_.send(0, encode(setup_.epoch, report)); }

Report Worker::share() const {
  return {.tasks = tasks(),
          .stolen = stolen_,
          .steal_attempts = engine_.counters().steal_attempts,
          .redone = engine_.counters().redone,
          .busy_ns = static_cast<std::uint64_t>(busy().count()),
          .wall_ns = 0};
}

// Actions

void Worker::carry_out() {
  try {
    for (auto actions = engine_.take_actions(); !actions.empty(); actions = engine_.take_actions()) {
      for (Action& action : actions) {
        std::visit([this](auto& each) { perform(each); }, action);
      }
    }
  } catch (...) {
    fail(std::current_exception());
  }
  foreign_.bury();
  if (engine_.thieves_wait()) ask();
}

void Worker::perform(Send& action) {
  if (failure_) return;
  if (transport_.send(action.to, encode(setup_.epoch, action.message))) return;
  // Its last messages may still lie here: it is buried like the others, after they are read.
  gone_.push_back(action.to);
  ++changes_;
}

void Worker::perform(Accept& action) {
  ++changes_;
  const detail::TaskType* const type = find_task_type(action.type_key);
  if (type == nullptr) {
    engine_.on_done(
        action.victim, action.id, false,
        text_bytes("rank " + std::to_string(transport_.rank()) +
                   " does not know the type of a task it stole: do all ranks run the same program?"));
    return;
  }
  try {
    foreign_.add(action.victim, action.id, type->make(action.task), team_.outermost());
  } catch (...) {
    ++dropped_.malformed;
    engine_.on_done(action.victim, action.id, false, failure_text(std::current_exception()));
  }
}

void Worker::perform(Deliver& action) {
  ++changes_;
  if (action.frame->foreign) {
    const auto task = foreign_.find(action.frame);
    if (task == foreign_.none()) return;
    engine_.on_done(task->victim, task->id, action.ok, std::move(action.value));
    foreign_.remove(task);
    return;
  }
  forget_lent(action.frame);
  if (!action.ok) {
    action.frame->settle_failed(remote_failure(action.value, action.thief));
    return;
  }
  try {
    action.frame->unpack_result(action.value);
  } catch (...) {
    ++dropped_.malformed;
    put_back(action.frame);
    return;
  }
  action.frame->settle(detail::FrameState::done);
}

void Worker::perform(Redo& action) {
  ++changes_;
  forget_lent(action.frame);
  put_back(action.frame);
}

void Worker::perform(Abandon& action) {
  ++changes_;
  const auto task = foreign_.find(action.victim, action.id);
  if (task == foreign_.none()) return;
  if (task->state == ForeignTask::State::running) {
    task->scope.cancelled.store(true, std::memory_order_release);
    tell_all();
    return;
  }
  if (task->state == ForeignTask::State::lent) engine_.cancel(task->frame.get());
  foreign_.remove(task);
}

void Worker::perform(Finish& action) {
  outcome_ = Outcome{action.ok, std::move(action.value)};
  abandon_everything();
}

void Worker::perform(RootLost&) {
  fail(std::make_exception_ptr(
      Error(Errc::member_lost, "rank 0 is gone, and with it the root of the computation", 0)));
}

void Worker::perform(Reported& action) {
  ++changes_;
  reports_[static_cast<std::size_t>(action.rank)] = action.report;
}

// What runs ends at its next spawn or wait; what waits is not begun.
void Worker::abandon_everything() {
  ++changes_;
  team_.outermost().cancelled.store(true, std::memory_order_release);
  while (foreign_.any_waiting()) foreign_.remove(foreign_.first_waiting());
  tell_all();
}

void Worker::fail(std::exception_ptr cause) {
  if (!failure_) failure_ = std::move(cause);
  abandon_everything();
}

}  // namespace zel::task
