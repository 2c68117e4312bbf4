// Why: starting a job's keeper is the one exec a node does itself.
#pragma once

#include <sys/types.h>

#include <string>

#include "base/error.hpp"
#include "base/unique_fd.hpp"

namespace zel::io {

struct KeeperProcess {
  pid_t pid = -1;
  base::UniqueFd connection;  // closing it makes the keeper kill its tree and end
};

/// Starts the keeper program at `path`. Fails with a line that says what is missing.
base::Result<KeeperProcess> start_keeper(const std::string& path);

/// The path of a program of this installation: beside the running one.
std::string sibling_program(const std::string& name);

/// Raises this process's limit of open files to the most it may have; returns the soft limit before, which
/// is what ranks get.
std::uint64_t raise_open_files_limit();
/// How many descriptors this process may have open.
std::uint64_t open_files_limit();

}  // namespace zel::io
