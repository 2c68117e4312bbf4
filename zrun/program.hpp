// Why: "No such file or directory" from the far end of a job helps nobody. The program is looked up before
// anything starts, and what is wrong with it is said in the user's words.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace zel::zrun {

/// The exit statuses of zrun that are not a rank's; as env, timeout and docker have them.
namespace exit_status {
inline constexpr int timeout = 124;
inline constexpr int own_failure = 125;
inline constexpr int not_executable = 126;
inline constexpr int program_not_found = 127;
inline constexpr int interrupted = 130;
}  // namespace exit_status

/// The exit status that goes with a failure: 127, 126, or 125 for everything but the program.
int exit_status_of(base::Errc code);

/// Finds what `name` executes for ranks that start in `directory` (absolute), as a shell there would: a name
/// with a slash is a path, any other is looked for in `path` (a PATH; relative and empty entries count from
/// `directory`; when all of it is empty: /usr/local/bin:/usr/bin:/bin). The answer is an absolute path to a
/// regular file this user may execute; links in it are not resolved.
///
/// Errors: program_not_found, or not_executable when it is there but is no file or may not be executed.
base::Result<std::string> resolve_program(const std::string& name, std::string_view path,
                                          const std::string& directory);

}  // namespace zel::zrun
