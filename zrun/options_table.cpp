#include "zrun/options_table.hpp"

#include <array>

namespace zel::zrun {
namespace {

using enum OptionId;

constexpr std::array<OptionSpec, 18> table = {{
    {ranks, "-n,--np", "-n", "N", "a number from 1 to 4096", "Ranks", "How many ranks to start (default 1)"},
    {directory, "--wdir", "--wdir", "DIR", "a directory", "Ranks", "Start the ranks in DIR"},
    {exported, "-x", "-x", "VAR[=VALUE]", "VAR or VAR=VALUE", "Ranks",
     "Give the ranks VAR=VALUE; without VALUE, insist that VAR is set.\n"
     "The whole environment is passed in any case. Repeatable"},

    {tag_output, "--tag-output", "--tag-output", "", "", "Output and input",
     "Begin every line with the rank it comes from, as in [3]"},
    {output, "--output", "--output", "DIR", "a directory", "Output and input",
     "Write DIR/rank.000.out, DIR/rank.000.err, … instead of here"},
    {stdin_to, "--stdin", "--stdin", "RANK|all|none", "a rank's number, all or none", "Output and input",
     "Who reads standard input (default 0)"},
    {quiet, "-q,--quiet", "--quiet", "", "", "Output and input", "Print no notices, only what ends the run"},

    {timeout, "--timeout", "--timeout", "SECONDS", "a number of seconds up to 1000000000, as 90 or 0.5",
     "Time and failure", "End the ranks after that time (default 0: never)"},
    {grace, "--grace", "--grace", "SECONDS", "a number of seconds up to 86400, as 10 or 0.5",
     "Time and failure", "What ranks that are told to end get before they are killed\n(default 5)"},
    {on_failure, "--on-failure", "--on-failure", "cancel|ignore", "cancel or ignore", "Time and failure",
     "When a rank fails, end the others or let them go on\n(default cancel)"},

    {bind_to, "--bind-to", "--bind-to", "core|hwthread|numa|none", "core, hwthread, numa or none",
     "Placement",
     "What a rank is bound to. Default: core; unbound when there are\n"
     "more ranks than cores. When given, ranks share instead"},
    {map_by, "--map-by", "--map-by", "core|hwthread|numa|package", "core, hwthread, numa or package",
     "Placement", "What successive ranks are dealt out to (default core)"},
    {cores_per_rank, "-c,--cores-per-rank", "--cores-per-rank", "K", "a number from 1 to 65536", "Placement",
     "Neighbouring cores for each rank (default 1); hardware threads\nwith --bind-to hwthread"},

    {report_bindings, "--report-bindings", "--report-bindings", "", "", "Reports",
     "Print where each rank runs"},
    {dry_run, "--dry-run", "--dry-run", "", "", "Reports",
     "Print where each rank would run, and start nothing"},
    {json, "--json", "--json", "FILE", "a file name", "Reports", "Write a report of the run to FILE"},

    {oversubscribe, "--oversubscribe", "--oversubscribe", "", "", "", ""},
    {allow_root, "--allow-run-as-root", "--allow-run-as-root", "", "", "", ""},
}};

}  // namespace

std::span<const OptionSpec> option_table() { return table; }

const std::string_view help_footer =
    R"(Options end at the program; all that follows it is the program's own.

Examples:
  zrun -n 4 ./app input.txt             four ranks, each on a core of its own
  zrun -n 4 --tag-output ./app          see which rank printed what
  zrun -n 2 -c 4 ./app                  two ranks with four cores each
  zrun -n 4 --map-by package --dry-run ./app
                                        see the placement, start nothing
  zrun -n 8 --timeout 90 -- ./app --verbose
                                        give up after 90 seconds

Exit status:
  0 to 255  the highest exit status of the ranks; 128+S for signal S
  124       the time of --timeout was over
  125       zrun itself failed, or did not understand its options
  126       the program cannot be executed
  127       the program was not found
  130       after Ctrl-C)";

}  // namespace zel::zrun
