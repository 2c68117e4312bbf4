// Why: zel.h's job and membership.
#include <algorithm>
#include <string>

#include "libzel/c/guard.hpp"
#include "libzel/c/handles.hpp"
#include "zel/membership.hpp"

using zel::c::guarded;
using zel::c::need;

namespace {

zel::Membership& membership_of(const zel_job* job) {
  need(job);
  return const_cast<zel_job*>(job)->job.membership();
}

int next_event(zel_job* job, int64_t milliseconds, int* found, zel_event* event) {
  return guarded([&] {
    need(job, found, event);
    thread_local std::string text;
    const auto next = job->job.membership().wait(zel::Membership::Milliseconds(std::max<int64_t>(milliseconds, 0)));
    *found = next ? 1 : 0;
    if (!next) return;
    text = next->text;
    *event = {next->sequence, static_cast<zel_event_kind>(next->kind), next->rank, text.c_str()};
  });
}

static_assert(static_cast<int>(zel::EventKind::terminated) == ZEL_TERMINATED);
static_assert(static_cast<int>(zel::EventKind::elected) == ZEL_ELECTED);

}  // namespace

extern "C" {

int zel_init(zel_job** job) {
  return guarded([&] {
    need(job);
    *job = new zel_job;
  });
}
int zel_finalize(zel_job* job) {
  return guarded([&] { delete job; });
}
int zel_rank(const zel_job* job) { return job ? job->job.rank() : -1; }
int zel_size(const zel_job* job) { return job ? job->job.size() : -1; }
int zel_local_rank(const zel_job* job) { return job ? job->job.local_rank() : -1; }
int zel_local_size(const zel_job* job) { return job ? job->job.local_size() : -1; }
int zel_cores(const zel_job* job) { return job ? job->job.cores() : -1; }
const char* zel_job_id(const zel_job* job) { return job ? job->job.id().c_str() : ""; }
const char* zel_node(const zel_job* job) { return job ? job->job.node().c_str() : ""; }

int zel_event_poll(zel_job* job, int* found, zel_event* event) { return next_event(job, 0, found, event); }
int zel_event_wait(zel_job* job, int64_t milliseconds, int* found, zel_event* event) {
  return next_event(job, milliseconds, found, event);
}
int zel_is_present(const zel_job* job, int rank) {
  bool present = false;
  guarded([&] { present = membership_of(job).is_present(rank); });
  return present ? 1 : 0;
}
int zel_present(const zel_job* job, int* ranks, size_t room, size_t* count) {
  return guarded([&] {
    need(count);
    if (room > 0) need(ranks);
    const auto present = membership_of(job).present();
    std::copy_n(present.begin(), std::min(room, present.size()), ranks);
    *count = present.size();
  });
}
int zel_elect(zel_job* job, const char* name, int64_t milliseconds, int* holder) {
  return guarded([&] {
    need(job, name, holder);
    *holder = job->job.membership().elect(name, zel::Membership::Milliseconds(milliseconds));
  });
}
int zel_signal(zel_job* job, const int* ranks, size_t count, const char* text) {
  return guarded([&] {
    need(job, text);
    if (count > 0) need(ranks);
    job->job.membership().signal(std::vector<int>(ranks, ranks + count), text);
  });
}
int zel_wait_closed(zel_job* job, int64_t milliseconds) {
  return guarded([&] { membership_of(job).wait_closed(zel::Membership::Milliseconds(milliseconds)); });
}
int zel_terminate(zel_job* job) {
  return guarded([&] { membership_of(job).terminate(); });
}

}  // extern "C"
