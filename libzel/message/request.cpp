// Why: see zel/request.hpp.
#include "zel/request.hpp"

#include <utility>
#include <vector>

#include "libzel/message/requests.hpp"
#include "zel/messages.hpp"

namespace zel {

using message::Requests;

namespace {

Requests& owner_of(detail::Operation& operation) {
  if (operation.owner) return *operation.owner;
  throw Error(Errc::usage, "this request was not finished when its job ended; it was given up");
}

}  // namespace

Request::Request() noexcept = default;
Request::Request(detail::OperationPointer operation) noexcept : operation_(std::move(operation)) {}
Request::~Request() = default;
Request::Request(Request&&) noexcept = default;
Request& Request::operator=(Request&&) noexcept = default;

bool Request::test() {
  if (!operation_) return true;
  try {
    if (!owner_of(*operation_).test(*operation_)) return false;
  } catch (...) {
    operation_.reset();
    throw;
  }
  wait();
  return true;
}

Envelope Request::wait() {
  if (!operation_) return {from_, tag_, bytes_};
  try {
    owner_of(*operation_).wait(*operation_);
  } catch (const Error& error) {
    const bool goes_on = operation_->owner && (error.code() == Errc::limit_reached || error.code() == Errc::usage);
    if (!goes_on) operation_.reset();
    throw;
  }
  const Envelope done = Requests::envelope(*operation_);
  operation_.reset();
  from_ = done.from;
  tag_ = done.tag;
  bytes_ = done.bytes;
  return done;
}

bool Request::cancel() {
  if (!operation_) return false;
  if (!owner_of(*operation_).cancel(*operation_)) return false;
  operation_.reset();
  return true;
}

void wait_all(std::span<Request> requests) {
  std::exception_ptr first;
  for (Request& request : requests) {
    try {
      request.wait();
    } catch (const Error&) {
      if (!request.over()) throw;
      if (!first) first = std::current_exception();
    }
  }
  if (first) std::rethrow_exception(first);
}

std::size_t wait_any(std::span<Request> requests) {
  std::vector<detail::Operation*> operations;
  Requests* owner = nullptr;
  for (const Request& request : requests) {
    operations.push_back(request.operation_.get());
    if (request.operation_) owner = &owner_of(*request.operation_);
  }
  if (!owner) return requests.size();
  const std::size_t found = owner->wait_any(operations);
  requests[found].test();
  return found;
}

}  // namespace zel
