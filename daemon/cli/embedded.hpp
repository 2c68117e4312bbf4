// Why: with no node running, a run brings its own.
#pragma once

#include <string>

namespace zel::cli {

/// The private node of one zrun: it serves the launcher at the other end of `fd`, listens on nothing, and
/// ends with it.
int run_embedded(int fd);

std::string host_name();

}  // namespace zel::cli
