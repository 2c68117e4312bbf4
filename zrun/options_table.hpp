// Why: the name of an option, what value it needs and what is said about it in --help stand side by side, so
// that help and error messages cannot tell different stories.
#pragma once

#include <span>
#include <string_view>

namespace zel::zrun {

enum class OptionId {
  ranks,
  directory,
  exported,
  tag_output,
  output,
  stdin_to,
  quiet,
  timeout,
  grace,
  on_failure,
  bind_to,
  map_by,
  cores_per_rank,
  report_bindings,
  report_paths,
  dry_run,
  json,
  explain,
  node,
  host,
  hostfile,
  exclude,
  require,
  metric,
  hops,
  wait,
  oversubscribe,
  allow_root,
};

struct OptionSpec {
  OptionId id;
  std::string_view names;  // as the parser wants them: "-n,--np"
  std::string_view shown;  // the name in messages
  std::string_view value;  // placeholder in help; empty: a flag
  std::string_view needs;  // what the value has to be, as in "-n needs …"
  std::string_view group;  // heading in help; empty: not shown
  std::string_view help;
};

/// In the order of OptionId.
std::span<const OptionSpec> option_table();

inline const OptionSpec& spec_of(OptionId id) { return option_table()[static_cast<unsigned>(id)]; }

/// What stands below the options in --help: examples and exit statuses.
extern const std::string_view help_footer;

}  // namespace zel::zrun
