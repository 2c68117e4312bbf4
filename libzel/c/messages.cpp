// Why: zel.h's messages and requests.
#include <memory>
#include <span>
#include <vector>

#include "libzel/c/guard.hpp"
#include "libzel/c/handles.hpp"
#include "zel/messages.hpp"

using zel::c::guarded;
using zel::c::need;

static_assert(ZEL_ANY_RANK == zel::any_rank && ZEL_ANY_TAG == zel::any_tag);

namespace {

std::span<const std::byte> bytes_of(const void* bytes, size_t size) {
  if (size > 0) need(bytes);
  return {static_cast<const std::byte*>(bytes), size};
}
std::span<std::byte> room_of(void* bytes, size_t size) {
  if (size > 0) need(bytes);
  return {static_cast<std::byte*>(bytes), size};
}
void store(zel_envelope* to, const zel::Envelope& envelope) {
  if (to) *to = {envelope.from, envelope.tag, envelope.bytes};
}
/// What is over is freed.
void drop_if_over(zel_request** request) {
  if (*request && (*request)->request.over()) delete std::exchange(*request, nullptr);
}
/// Runs `call` on the request; whatever it throws, what is over is freed.
template <class Call>
int with_request(zel_request** request, Call&& call) {
  const int code = guarded([&] {
    need(request);
    call();
  });
  if (request) drop_if_over(request);
  return code;
}

/// Several as libzel wants them, side by side, for the time of a call.
class Side {
 public:
  Side(zel_request** requests, size_t count) : handles_(requests, count), requests_(count) {
    for (size_t at = 0; at < count; ++at) {
      if (handles_[at]) requests_[at] = std::move(handles_[at]->request);
    }
  }
  ~Side() {
    for (size_t at = 0; at < handles_.size(); ++at) {
      if (!handles_[at]) continue;
      handles_[at]->request = std::move(requests_[at]);
      drop_if_over(&handles_[at]);
    }
  }
  Side(const Side&) = delete;
  Side& operator=(const Side&) = delete;
  std::span<zel::Request> span() { return requests_; }

 private:
  std::span<zel_request*> handles_;
  std::vector<zel::Request> requests_;
};

}  // namespace

extern "C" {

int zel_send(zel_job* job, const void* bytes, size_t size, int to, int tag) {
  return guarded([&] {
    need(job);
    job->job.messages().send_bytes(to, bytes_of(bytes, size), tag);
  });
}
int zel_receive(zel_job* job, void* bytes, size_t room, int from, int tag, zel_envelope* envelope) {
  return guarded([&] {
    need(job);
    store(envelope, job->job.messages().receive_bytes(room_of(bytes, room), from, tag));
  });
}
int zel_probe(zel_job* job, int from, int tag, int* found, zel_envelope* envelope) {
  return guarded([&] {
    need(job, found);
    const auto next = job->job.messages().probe(from, tag);
    *found = next ? 1 : 0;
    if (next) store(envelope, *next);
  });
}
int zel_wait_probe(zel_job* job, int from, int tag, zel_envelope* envelope) {
  return guarded([&] {
    need(job);
    store(envelope, job->job.messages().wait_probe(from, tag));
  });
}
int zel_isend(zel_job* job, const void* bytes, size_t size, int to, int tag, zel_request** request) {
  return guarded([&] {
    need(job, request);
    auto begun = std::make_unique<zel_request>();
    begun->request = job->job.messages().isend_bytes(to, bytes_of(bytes, size), tag);
    *request = begun.release();
  });
}
int zel_ireceive(zel_job* job, void* bytes, size_t room, int from, int tag, zel_request** request) {
  return guarded([&] {
    need(job, request);
    auto begun = std::make_unique<zel_request>();
    begun->request = job->job.messages().ireceive_bytes(room_of(bytes, room), from, tag);
    *request = begun.release();
  });
}
int zel_test(zel_request** request, int* over, zel_envelope* envelope) {
  return with_request(request, [&] {
    need(over);
    *over = 1;
    if (!*request) return;
    if ((*request)->request.test()) store(envelope, (*request)->request.wait());
    else *over = 0;
  });
}
int zel_wait(zel_request** request, zel_envelope* envelope) {
  return with_request(request, [&] {
    if (*request) store(envelope, (*request)->request.wait());
  });
}
int zel_wait_all(zel_request** requests, size_t count) {
  return guarded([&] {
    if (count > 0) need(requests);
    Side side(requests, count);
    zel::wait_all(side.span());
  });
}
int zel_wait_any(zel_request** requests, size_t count, size_t* which, zel_envelope* envelope) {
  return guarded([&] {
    need(which);
    if (count > 0) need(requests);
    Side side(requests, count);
    std::vector<bool> over;
    for (const auto& request : side.span()) over.push_back(request.over());
    *which = count;
    try {
      *which = zel::wait_any(side.span());
    } catch (...) {
      for (size_t at = 0; at < count; ++at) {
        if (!over[at] && side.span()[at].over()) *which = at;
      }
      throw;
    }
    if (*which < count) store(envelope, side.span()[*which].wait());
  });
}
int zel_cancel(zel_request** request, int* cancelled) {
  return with_request(request, [&] {
    need(cancelled);
    *cancelled = *request && (*request)->request.cancel() ? 1 : 0;
  });
}

}  // extern "C"
