// Why: the task layer on a job: the message layer's context for tasks carries its bytes, and the membership
// log says who is there. The only file of this folder that knows a Job.
#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "libzel/member/job_state.hpp"
#include "libzel/message/message_state.hpp"
#include "libzel/task/bound_cores.hpp"
#include "libzel/task/runtime.hpp"
#include "libzel/task/system_clock.hpp"
#include "zel/job.hpp"
#include "zel/task.hpp"

namespace zel::task {
namespace {

constexpr int task_tag = 0;
// The message layer wakes a waiting rank for messages; the membership log is looked at this often besides.
constexpr base::Duration members_interval = std::chrono::milliseconds(200);
// And by a busy rank every so many spawns.
constexpr std::uint32_t spawns_per_look = 1024;
constexpr int max_looks = 4096;

class JobTransport final : public TaskTransport {
 public:
  JobTransport(Job& job, const TaskClock& clock)
      : clock_(clock),
        membership_(job.membership()),
        state_(job.state().membership()),
        messages_(job.state().messages()),
        rank_(job.rank()),
        size_(job.size()) {}

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  bool send(int to, base::ByteView bytes) override {
    try {
      messages_.send(to, detail::Context::task, task_tag, bytes);
      return true;
    } catch (const Error& error) {
      if (error.code() == Errc::member_lost) return false;
      throw;
    }
  }

  std::optional<Received> poll() override {
    // One look takes a bounded number of messages out of the rings; nothing is only nothing when none is left.
    for (int looks = 0; !messages_.probe(detail::Context::task, any_rank, any_tag); ++looks) {
      if (looks == max_looks || !messages_.maybe_pending()) return std::nullopt;
    }
    Envelope envelope;
    auto bytes = messages_.receive(detail::Context::task, any_rank, any_tag, &envelope);
    return Received{envelope.from, std::move(bytes)};
  }

  void wait(base::Time deadline) override {
    base::Duration limit = members_interval;
    if (deadline != base::never) limit = std::min(limit, deadline - clock_.now());
    if (limit <= base::Duration::zero()) return;
    messages_.wait_probe(detail::Context::task, any_rank, any_tag, limit);
  }

  void wake() override { messages_.interrupt_task_wait(); }

  std::uint64_t members_version() const override { return membership_.sequence(); }

  std::vector<Presence> presence() const override {
    seen_ = membership_.sequence();
    // Once nobody new will come, who is absent has been here and is gone.
    const Presence absent = membership_.closed() ? Presence::gone : Presence::unknown;
    std::vector<Presence> result(static_cast<std::size_t>(size_), absent);
    for (const int rank : state_.departed()) result[static_cast<std::size_t>(rank)] = Presence::gone;
    for (const int rank : membership_.present()) result[static_cast<std::size_t>(rank)] = Presence::present;
    return result;
  }

  Pending pending() const override {
    if (size_ == 1) return {};
    return {&JobTransport::ask, this};
  }

 private:
  static bool ask(const void* of) {
    const auto* self = static_cast<const JobTransport*>(of);
    if (self->messages_.maybe_pending()) return true;
    return ++self->spawns_ % spawns_per_look == 0 && self->membership_.sequence() != self->seen_;
  }

  const TaskClock& clock_;
  Membership& membership_;
  detail::MembershipState& state_;
  detail::MessageState& messages_;
  const int rank_;
  const int size_;
  mutable std::uint64_t seen_ = 0;
  mutable std::uint32_t spawns_ = 0;
};

// Which victims a rank picks differs between ranks and jobs, and is the same when a job is repeated by name.
std::uint64_t seed_of(const Job& job) {
  std::uint64_t seed = std::hash<std::string_view>{}(job.id());
  return seed ^ (0x9e3779b97f4a7c15u * static_cast<std::uint64_t>(job.rank() + 1));
}

// The cores that this rank is bound to; without a binding, its share of what the job has on this host.
int threads_of(const Job& job) {
  if (const auto wished = wished_threads()) return *wished;
  const int bound = bound_cores();
  return std::clamp(job.cores() / std::max(job.local_size(), 1), 1, bound);
}

/// What a Job keeps between computations.
struct JobTasks {
  explicit JobTasks(Job& job)
      : transport(job, clock), runtime(transport, clock, {.seed = seed_of(job), .threads = threads_of(job)}) {}

  SystemTaskClock clock;
  JobTransport transport;
  Runtime runtime;
};

}  // namespace
}  // namespace zel::task

namespace zel::detail {

void run_compute(Job& job, TaskFrame& root, ComputeReport* report) {
  auto& kept = job.state().task_layer();
  if (!kept) kept = std::make_shared<task::JobTasks>(job);
  static_cast<task::JobTasks*>(kept.get())->runtime.compute(root, report);
}

}  // namespace zel::detail
