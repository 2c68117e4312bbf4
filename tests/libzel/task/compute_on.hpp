// Why: zel::compute() without a Job: the same few lines over any transport.
#pragma once

#include "libzel/task/runtime.hpp"

namespace zel::task {

template <Task T>
ResultOf<T> compute_on(Runtime& runtime, const T& root, ComputeReport* report = nullptr) {
  detail::TypedFrame<T> frame(root);
  runtime.compute(frame, report);
  return frame.take();
}

}  // namespace zel::task
