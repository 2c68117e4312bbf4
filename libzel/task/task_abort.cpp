// Why: see task_abort.hpp.
#include "zel/task_abort.hpp"

#include "zel/error.hpp"
#include "zel/task_worker.hpp"

namespace zel {
namespace {

detail::TaskWorker& worker_here() {
  if (detail::current_worker == nullptr) detail::throw_outside_compute();
  return *detail::current_worker;
}

void cancel(const detail::TaskScope& scope, detail::TaskWorker& worker) {
  if (!scope.cancelled.exchange(true, std::memory_order_acq_rel)) worker.tell_all();
}

}  // namespace

AbortScope::AbortScope() : scope_(worker_here().scope(), true) { worker_here().set_scope(&scope_); }

AbortScope::~AbortScope() { worker_here().set_scope(scope_.outer); }

void AbortScope::abort() { cancel(scope_, worker_here()); }

bool aborted() {
  detail::TaskWorker* const worker = detail::current_worker;
  if (worker == nullptr || worker->scope() == nullptr) return false;
  worker->glance();
  return worker->scope()->cancelled_by() != nullptr;
}

bool detail::is_aborted(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return error.code() == Errc::aborted;
  } catch (...) {
    return false;
  }
}

void abort_siblings() {
  detail::TaskWorker& worker = worker_here();
  const detail::TaskScope* scope = worker.scope();
  while (scope != nullptr && !scope->by_program) scope = scope->outer;
  if (scope != nullptr) cancel(*scope, worker);
}

}  // namespace zel
