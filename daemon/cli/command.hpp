// Why: one file per subcommand; this is all they share with main: how they are added, and what they return.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace zel::cli {

namespace exit_status {
inline constexpr int failed = 1;         // no node, or it said no
inline constexpr int bad_options = 2;    // nothing was done
}  // namespace exit_status

/// What the chosen subcommand does; its result is the exit status.
using Run = std::function<int()>;

// Each adds one subcommand, which sets `run` when it is the one.
void add_start(CLI::App& app, Run& run);
void add_stop(CLI::App& app, Run& run);
void add_status(CLI::App& app, Run& run);
void add_nodes(CLI::App& app, Run& run);
void add_jobs(CLI::App& app, Run& run);
void add_paths(CLI::App& app, Run& run);
void add_kill(CLI::App& app, Run& run);

}  // namespace zel::cli
