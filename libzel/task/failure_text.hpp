// Why: an exception cannot leave its process; its text can.
#pragma once

#include <exception>

#include "base/bytes.hpp"
#include "zel/error.hpp"

namespace zel::task {

/// The text of an exception, at most max_error_bytes of it.
base::Bytes failure_text(const std::exception_ptr& failure);
/// What sync() or compute() throws for a text that came from `rank`.
std::exception_ptr remote_failure(base::ByteView text, int rank);

}  // namespace zel::task
