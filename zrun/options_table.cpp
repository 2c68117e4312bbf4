#include "zrun/options_table.hpp"

#include <array>

namespace zel::zrun {
namespace {

using enum OptionId;

constexpr std::array<OptionSpec, 27> table = {{
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
    {explain, "--explain", "--explain", "", "", "Reports",
     "Print for every node asked why it was taken or not"},

    {node, "--node", "--node", "DIR|ADDRESS|private", "a node's runtime directory, its address on this machine, or private",
     "Nodes",
     "Which node of this machine manages the run. Default: the one in\n"
     "ZEL_RUNTIME_DIR or the default place if it runs, else a private\n"
     "one, which has this machine only"},
    {host, "--host", "--host", "A,B,…", "names, ids or addresses of nodes, separated by commas", "Nodes",
     "Only these nodes: names, ids or addresses. Repeatable"},
    {hostfile, "--hostfile", "--hostfile", "FILE", "a file name", "Nodes",
     "Only the nodes in FILE, one a line; slots=N is read and has no\n"
     "effect, # begins a comment. Repeatable"},
    {exclude, "--exclude", "--exclude", "A,B,…", "names, ids or addresses of nodes, separated by commas", "Nodes",
     "Not these nodes. Wins over --host. Repeatable"},
    {require, "--require", "--require", "KEY=VALUE", "memory=SIZE, disk=SIZE, arch=NAME, os=NAME or LABEL=VALUE",
     "Nodes",
     "Only nodes that have it: memory=4G (for each core), disk=10G,\n"
     "arch=x86_64, os=Linux, or a label as gpu=true. Repeatable"},
    {metric, "--metric", "--metric", "latency|hops|neighbours", "latency, hops or neighbours", "Nodes",
     "What makes a node near: the time to it, the hops to it, or only\n"
     "who is next to this one (default latency)"},
    {hops, "--hops", "--hops", "N", "a number from 1 to 32", "Nodes",
     "Look no further than N hops; means --metric hops"},
    {wait, "--wait", "--wait", "SECONDS", "a number of seconds up to 86400, as 10 or 0.5", "Nodes",
     "How long to look for free cores (default 10)"},
    {oversubscribe, "--oversubscribe", "--oversubscribe", "", "", "Nodes",
     "Share the cores there are if not enough are free, as a private\n"
     "node always does"},
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
  zrun -n 200 --explain ./app           on the nearest free cores of all nodes that the
                                        node here ('zeld start') knows, and why those
  zrun -n 8 --require gpu=true --require memory=4G ./app
                                        only where there is a GPU and memory

Exit status:
  0 to 255  the highest exit status of the ranks; 128+S for signal S
  124       the time of --timeout was over
  125       zrun itself failed, or did not understand its options;
            or other nodes are asked for and none runs here
  126       the program cannot be executed
  127       the program was not found
  130       after Ctrl-C)";

}  // namespace zel::zrun
