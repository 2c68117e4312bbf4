// Why: from what the user typed to what the node is asked: paths made absolute, the program found, before
// anything is started.
#pragma once

#include <string>

#include "base/error.hpp"
#include "wire/run.hpp"
#include "zrun/options.hpp"

namespace zel::zrun {

std::string current_directory();

/// Errors: program_not_found, not_executable; bad_option when a directory is not there.
base::Result<wire::run::Submit> make_submission(const Options& options, const std::string& current_directory);

}  // namespace zel::zrun
