// Why: what the user asked for, as one typed value. Parsing is pure (argv and environment in, options or a
// text out), so that every mistake and its message can be a line in a table of tests.
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "wire/run.hpp"

namespace zel::zrun {

struct Options {
  std::uint32_t ranks = 1;
  std::vector<std::string> arguments;    // of the program; [0] as the user typed it, never missing
  std::vector<std::string> environment;  // NAME=value for the ranks: all of zrun's own, then what -x says
  std::string directory;                 // as typed; empty: where zrun was started

  bool tag_output = false;
  std::string output_directory;  // as typed; empty: output is merged into zrun's own
  wire::run::StdinTo stdin_to = wire::run::StdinTo::one_rank;
  std::uint32_t stdin_rank = 0;  // below `ranks`; 0 unless stdin goes to one rank

  std::uint64_t timeout_ms = 0;  // 0: none
  std::uint32_t grace_ms = 5000;
  wire::run::OnFailure on_failure = wire::run::OnFailure::cancel;

  wire::run::PlacementWish placement;  // binding_given: --bind-to was used

  std::string node;                    // as typed; empty: whichever runs; "private"
  std::vector<std::string> hostfiles;  // as typed; what is in them is added to requirements.hosts
  wire::schedule::Requirements requirements;
  wire::schedule::Metric metric = wire::schedule::Metric::latency;
  std::uint32_t hops = 0;  // metric hops; 0: as far as needed
  std::uint32_t wait_ms = 10'000;
  bool oversubscribe = false;
  bool explain = false;
  /// Names of the options given that mean something only with other nodes.
  std::vector<std::string> about_nodes;

  bool report_bindings = false;
  bool report_paths = false;
  bool dry_run = false;
  bool quiet = false;     // no notices
  std::string json_file;  // as typed; empty: none
};

/// zrun has nothing to run: it says `text` and exits. With status 0 (help, version) the text is for standard
/// output, else it is one line for standard error. It ends in a newline.
struct Stop {
  int exit_status = 0;
  std::string text;
};

/// Reads `zrun [options] [--] program [arguments]`. `argv` is the whole command line, [0] included;
/// `environment` holds NAME=value.
///
/// Options end at the first word that is neither an option nor the value of one, or after `--`; the rest
/// belongs to the program, whatever it looks like. When an option is repeated the last one counts; -x adds
/// up, and so do the options about nodes that say "Repeatable". `-np` is `-n`, as with mpirun. --allow-run-as-root
/// is accepted and changes nothing. `--help` and `--version` win over mistakes elsewhere, but not over an unknown option before them.
///
/// Every mistake stops with exit_status::own_failure and a line that says what to do.
tl::expected<Options, Stop> parse(const std::vector<std::string>& argv,
                                  const std::vector<std::string>& environment);

}  // namespace zel::zrun
