// Why: from what the user typed to what the node is asked: paths made absolute, the program found, before
// anything is started.
#pragma once

#include <string>

#include "base/error.hpp"
#include "wire/run.hpp"
#include "zrun/options.hpp"

namespace zel::zrun {

/// Errors: program_not_found, not_executable; bad_option when a directory is not there, or the command line
/// or the environment is longer than a node takes.
base::Result<wire::run::Submit> make_submission(const Options& options);

/// What only means something with other nodes, for a node that has none.
void forget_other_nodes(wire::run::Submit& submit);

}  // namespace zel::zrun
