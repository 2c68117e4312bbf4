// Why: see failure_text.hpp.
#include "libzel/task/failure_text.hpp"

#include <string>

#include "libzel/task/steal_message.hpp"

namespace zel::task {

base::Bytes failure_text(const std::exception_ptr& failure) {
  std::string text = "a task threw something that is not a std::exception";
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& exception) {
    text = exception.what();
  } catch (...) {
  }
  const base::ByteView bytes = base::as_bytes(std::string_view(text).substr(0, max_error_bytes));
  return {bytes.begin(), bytes.end()};
}

std::exception_ptr remote_failure(base::ByteView text, int rank) {
  return std::make_exception_ptr(
      Error(Errc::task_failed, std::string(base::as_text(text).substr(0, max_error_bytes)), rank));
}

}  // namespace zel::task
