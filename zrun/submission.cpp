#include "zrun/submission.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "zrun/program.hpp"

namespace zel::zrun {

namespace {

std::string variable(const std::vector<std::string>& environment, std::string_view name) {
  const std::string prefix = std::string(name) + "=";
  for (const auto& assignment : environment) {
    if (assignment.starts_with(prefix)) return assignment.substr(prefix.size());
  }
  return {};
}

bool is_directory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

std::string current_directory() {
  std::array<char, 4096> buffer;
  return ::getcwd(buffer.data(), buffer.size()) ? buffer.data() : "/";
}

base::Result<wire::run::Submit> make_submission(const Options& options, const std::string& current_directory) {
  wire::run::Submit submit;
  submit.directory = current_directory;
  if (!options.directory.empty()) {
    submit.directory =
        options.directory.front() == '/' ? options.directory : current_directory + "/" + options.directory;
    if (!is_directory(submit.directory)) {
      return base::fail(base::Errc::bad_option, "--wdir " + options.directory + ": no such directory");
    }
  }
  auto program = resolve_program(options.arguments.front(), variable(options.environment, "PATH"), submit.directory);
  if (!program) return tl::unexpected(program.error());
  submit.program = std::move(*program);
  submit.ranks = options.ranks;
  submit.arguments = options.arguments;
  submit.environment = options.environment;
  submit.placement = options.placement;
  submit.stdin_to = options.stdin_to;
  submit.stdin_rank = options.stdin_rank;
  submit.on_failure = options.on_failure;
  submit.grace_ms = options.grace_ms;
  submit.timeout_ms = options.timeout_ms;
  submit.dry_run = options.dry_run;
  return submit;
}

}  // namespace zel::zrun
