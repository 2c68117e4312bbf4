// Why: "zeld start --detach" must not say that a node is there before it is, nor hide why it is not: the process
// the user started waits for word from the one that stays.
#pragma once

#include <string>
#include <variant>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace zel::cli {

/// In the process that stays: how it tells the one that waits.
class Parent {
 public:
  explicit Parent(base::UniqueFd pipe) : pipe_(std::move(pipe)) {}
  /// The node is up: the parent prints this line and exits with 0. From here on standard input and output lead
  /// nowhere, and standard error to `log_file`.
  void ready(const std::string& line, const std::string& log_file);
  /// It is not: the parent prints why and exits with this status.
  void failed(const std::string& line, int exit_status);

 private:
  void tell(char status, const std::string& line);
  base::UniqueFd pipe_;
};

/// Goes on in a child with a session of its own. In the parent: what to exit with, after the child has told.
std::variant<Parent, int> detach();

}  // namespace zel::cli
