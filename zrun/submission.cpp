#include "zrun/submission.hpp"

#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "zrun/node_names.hpp"
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

/// Where the ranks start: absolute, and there.
base::Result<std::string> working_directory(const std::string& wished) {
  if (!wished.empty()) {
    std::error_code error;
    const bool there = std::filesystem::is_directory(wished, error);
    if (error) return base::fail(base::Errc::bad_option, "--wdir " + wished + ": " + error.message());
    if (!there) return base::fail(base::Errc::bad_option, "--wdir " + wished + ": not a directory");
    if (wished.front() == '/') return wished;
  }
  std::error_code error;
  const auto here = std::filesystem::current_path(error).string();
  if (error || here.size() >= PATH_MAX) {
    return base::fail(base::Errc::bad_option, "the current directory is gone or its path is too long; go elsewhere, "
                                              "or say --wdir with an absolute path");
  }
  return wished.empty() ? here : here + "/" + wished;
}

base::Result<void> read_hostfile(const std::string& path, std::vector<std::string>& hosts) {
  const auto fail = [&](const std::string& why) { return base::fail(base::Errc::bad_option, "--hostfile " + path + why); };
  std::error_code error;
  std::ifstream file(path);
  if (!file || std::filesystem::is_directory(path, error)) return fail(": cannot read it");
  std::ostringstream text;
  text << file.rdbuf();
  const std::size_t before = hosts.size();
  if (const auto bad = add_hostfile(text.str(), hosts)) return fail(" " + *bad);
  if (hosts.size() == before) return fail(": it names no node");
  if (hosts.size() > wire::schedule::max_filter_names) {
    return fail(": at most " + std::to_string(wire::schedule::max_filter_names) + " nodes can be named");
  }
  return {};
}

base::Result<void> check_size(const wire::run::Submit& submit) {
  const std::size_t items = std::max(submit.arguments.size(), submit.environment.size());
  std::size_t bytes = submit.program.size() + submit.directory.size();
  for (const auto* list : {&submit.arguments, &submit.environment}) {
    for (const auto& text : *list) bytes += text.size() + wire::run::bytes_around_text;
  }
  if (items <= wire::run::max_texts && bytes <= wire::run::max_submit_bytes) return {};
  return base::fail(base::Errc::bad_option, "the command line or the environment is too long: at most " +
                                                std::to_string(wire::run::max_texts) + " words and " +
                                                std::to_string(wire::run::max_submit_bytes >> 20) +
                                                " MiB; put the arguments into a file");
}

}  // namespace

base::Result<wire::run::Submit> make_submission(const Options& options) {
  wire::run::Submit submit;
  auto directory = working_directory(options.directory);
  if (!directory) return tl::unexpected(directory.error());
  submit.directory = std::move(*directory);
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
  submit.requirements = options.requirements;
  for (const std::string& path : options.hostfiles) {
    if (auto read = read_hostfile(path, submit.requirements.hosts); !read) return tl::unexpected(read.error());
  }
  submit.metric = options.metric;
  submit.hops = options.hops;
  submit.wait_ms = options.wait_ms;
  submit.oversubscribe = options.oversubscribe;
  submit.explain = options.explain;
  submit.report_paths = options.report_paths || !options.json_file.empty();
  // Ranks write to pipes; whether a person is watching at the end of them is known only here.
  if (options.output_directory.empty() && ::isatty(2) == 1) submit.environment.push_back("ZEL_STDERR_IS_TERMINAL=1");
  if (auto sized = check_size(submit); !sized) return tl::unexpected(sized.error());
  return submit;
}

void forget_other_nodes(wire::run::Submit& submit) {
  submit.requirements = {};
  submit.metric = wire::schedule::Metric::latency;
  submit.hops = 0;
  submit.explain = false;
}

}  // namespace zel::zrun
