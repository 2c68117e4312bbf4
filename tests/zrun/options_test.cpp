// Why: every option, and every mistake with its message, as a table.
#include "zrun/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "zrun/options_table.hpp"
#include "zrun/program.hpp"

namespace zel::zrun {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using wire::run::Binding;
using wire::run::Mapping;
using wire::run::OnFailure;
using wire::run::StdinTo;
using Words = std::vector<std::string>;

const Words environment = {"HOME=/home/user", "EMPTY=", "HOMER=doh"};

Words words(const std::string& line) {
  Words out = {"zrun"};
  std::istringstream in(line);
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

Options parsed(const Words& argv) {
  auto options = parse(argv, environment);
  EXPECT_TRUE(options.has_value()) << (options ? "" : options.error().text);
  return options ? *options : Options{};
}
Options parsed(const std::string& line) { return parsed(words(line)); }

std::string complaint(const Words& argv) {
  const auto options = parse(argv, environment);
  if (options) return "it was accepted";
  EXPECT_EQ(options.error().exit_status, exit_status::own_failure);
  const std::string& text = options.error().text;
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  return text.substr(0, text.size() - 1);
}

TEST(Options, aProgramAloneIsEnough) {
  const Options o = parsed("./app");
  EXPECT_EQ(o.ranks, 1u);
  EXPECT_THAT(o.arguments, ElementsAre("./app"));
  EXPECT_EQ(o.environment, environment);
  EXPECT_EQ(o.directory, "");
  EXPECT_FALSE(o.tag_output);
  EXPECT_EQ(o.output_directory, "");
  EXPECT_EQ(o.stdin_to, StdinTo::one_rank);
  EXPECT_EQ(o.stdin_rank, 0u);
  EXPECT_EQ(o.timeout_ms, 0u);
  EXPECT_EQ(o.grace_ms, 5000u);
  EXPECT_EQ(o.on_failure, OnFailure::cancel);
  EXPECT_EQ(o.placement.bind_to, Binding::core);
  EXPECT_EQ(o.placement.map_by, Mapping::core);
  EXPECT_EQ(o.placement.cores_per_rank, 1u);
  EXPECT_FALSE(o.placement.binding_given);
  EXPECT_FALSE(o.report_bindings || o.report_paths || o.dry_run || o.quiet);
  EXPECT_EQ(o.json_file, "");
}

TEST(Options, everyWayToSayHowMany) {
  for (const char* line : {"-n 7 a", "-n7 a", "-np 7 a", "--np 7 a", "--np=7 a", "-np=7 a", "-qn7 a",
                           "-qn 7 a", "-n 3 -n 7 a", "-np 3 -n 7 a"}) {
    const Options o = parsed(line);
    EXPECT_EQ(o.ranks, 7u) << line;
    EXPECT_THAT(o.arguments, ElementsAre("a")) << line;
  }
  EXPECT_EQ(parsed("-n 4096 a").ranks, 4096u);
}

TEST(Options, everythingAfterTheProgramIsTheProgrammes) {
  EXPECT_THAT(parsed("-n 2 app -n 3 --help -- --tag-output -np").arguments,
              ElementsAre("app", "-n", "3", "--help", "--", "--tag-output", "-np"));
  EXPECT_THAT(parsed("-- app -n 3").arguments, ElementsAre("app", "-n", "3"));
  EXPECT_THAT(parsed("-n 2 -- -app -- x").arguments, ElementsAre("-app", "--", "x"));
  EXPECT_THAT(parsed("app [a,b] %% {}").arguments, ElementsAre("app", "[a,b]", "%%", "{}"));
  EXPECT_THAT(parsed(Words{"zrun", "app", "", "two words"}).arguments, ElementsAre("app", "", "two words"));
  EXPECT_THAT(parsed(Words{"zrun", "-", "x"}).arguments, ElementsAre("-", "x"));
  EXPECT_THAT(parsed(Words{"zrun", ""}).arguments, ElementsAre(""));
  EXPECT_FALSE(parsed("app --tag-output").tag_output);
}

TEST(Options, valuesMayLookLikeAnything) {
  const Options o = parsed("--wdir -n --json --help --output a=b=c app");
  EXPECT_EQ(o.directory, "-n");
  EXPECT_EQ(o.json_file, "--help");
  EXPECT_EQ(o.output_directory, "a=b=c");
  EXPECT_EQ(parsed("--wdir=/tmp/x app").directory, "/tmp/x");
  EXPECT_EQ(parsed("--wdir=[a,b] app").directory, "[a,b]");
}

TEST(Options, flags) {
  EXPECT_TRUE(parsed("--tag-output a").tag_output);
  EXPECT_TRUE(parsed("--report-bindings a").report_bindings);
  EXPECT_TRUE(parsed("--report-paths a").report_paths);
  EXPECT_TRUE(parsed("--dry-run a").dry_run);
  EXPECT_TRUE(parsed("-q a").quiet);
  EXPECT_TRUE(parsed("--quiet --quiet a").quiet);
}

TEST(Options, stdinGoesToARankToAllOrToNone) {
  EXPECT_EQ(parsed("--stdin all a").stdin_to, StdinTo::all_ranks);
  EXPECT_EQ(parsed("--stdin none a").stdin_to, StdinTo::no_rank);
  const Options o = parsed("--stdin 3 -n 4 a");
  EXPECT_EQ(o.stdin_to, StdinTo::one_rank);
  EXPECT_EQ(o.stdin_rank, 3u);
}

TEST(Options, timesAreSecondsWithFractions) {
  EXPECT_EQ(parsed("--timeout 90 a").timeout_ms, 90'000u);
  EXPECT_EQ(parsed("--timeout 0.5 a").timeout_ms, 500u);
  EXPECT_EQ(parsed("--timeout .25 a").timeout_ms, 250u);
  EXPECT_EQ(parsed("--timeout 0.0001 a").timeout_ms, 1u);
  EXPECT_EQ(parsed("--timeout 0 a").timeout_ms, 0u);
  EXPECT_EQ(parsed("--timeout 1e3 a").timeout_ms, 1'000'000u);
  EXPECT_EQ(parsed("--grace 0 a").grace_ms, 0u);
  EXPECT_EQ(parsed("--grace 2.5 a").grace_ms, 2500u);
}

TEST(Options, failurePolicy) {
  EXPECT_EQ(parsed("--on-failure ignore a").on_failure, OnFailure::ignore);
  EXPECT_EQ(parsed("--on-failure cancel a").on_failure, OnFailure::cancel);
}

TEST(Options, placement) {
  const std::pair<const char*, Binding> bindings[] = {{"core", Binding::core},
                                                      {"hwthread", Binding::hwthread},
                                                      {"numa", Binding::numa},
                                                      {"none", Binding::none}};
  for (const auto& [word, value] : bindings) {
    const Options o = parsed("--bind-to " + std::string(word) + " a");
    EXPECT_EQ(o.placement.bind_to, value);
    EXPECT_TRUE(o.placement.binding_given);
  }
  const std::pair<const char*, Mapping> mappings[] = {{"core", Mapping::core},
                                                      {"hwthread", Mapping::hwthread},
                                                      {"numa", Mapping::numa},
                                                      {"package", Mapping::package}};
  for (const auto& [word, value] : mappings) {
    const Options o = parsed("--map-by=" + std::string(word) + " a");
    EXPECT_EQ(o.placement.map_by, value);
    EXPECT_FALSE(o.placement.binding_given);
  }
  for (const char* line : {"-c 3 a", "-c3 a", "--cores-per-rank 3 a", "--cores-per-rank=3 a"}) {
    EXPECT_EQ(parsed(line).placement.cores_per_rank, 3u) << line;
  }
}

TEST(Options, exportedVariablesReplaceOrAdd) {
  EXPECT_THAT(parsed("-x HOME=/tmp -x NEW=a=b,c a").environment,
              ElementsAre("EMPTY=", "HOMER=doh", "HOME=/tmp", "NEW=a=b,c"));
  EXPECT_THAT(parsed("-xHOME= a").environment, ElementsAre("EMPTY=", "HOMER=doh", "HOME="));
  EXPECT_EQ(parsed("-x HOME -x EMPTY a").environment, environment);
  EXPECT_THAT(parsed("-x A=1 -x A=2 a").environment, testing::Contains("A=2"));
  EXPECT_THAT(parsed("-x A=1 -x A=2 a").environment, Not(testing::Contains("A=1")));
  EXPECT_THAT(parsed("-x L=[1,2] a").environment, testing::Contains("L=[1,2]"));
  EXPECT_THAT(parsed("-x A=1 app -x B=2").arguments, ElementsAre("app", "-x", "B=2"));
}

TEST(Options, nodesAreChosenByNameAndByWhatTheyHave) {
  const Options o = parsed("--host a,b:4 --host 10.0.0.1:7411,a --exclude c --require memory=4G --require disk=1.5TiB "
                           "--require arch=amd64 --require os=linux --require gpu=true --require rack=7 --hostfile f a");
  EXPECT_THAT(o.requirements.hosts, ElementsAre("a", "b", "10.0.0.1:7411"));
  EXPECT_THAT(o.requirements.excluded, ElementsAre("c"));
  EXPECT_EQ(o.requirements.memory_bytes_per_core, 4ull << 30);
  EXPECT_EQ(o.requirements.disk_bytes, 3ull << 39);
  EXPECT_EQ(o.requirements.architecture, "x86_64");
  EXPECT_EQ(o.requirements.system, "Linux");
  EXPECT_THAT(o.requirements.labels, ElementsAre("gpu=true", "rack=7"));
  EXPECT_THAT(o.hostfiles, ElementsAre("f"));
  EXPECT_THAT(o.about_nodes, ElementsAre("--host", "--hostfile", "--exclude", "--require"));
}

TEST(Options, howToLookForNodes) {
  const Options d = parsed("a");
  EXPECT_EQ(d.metric, wire::schedule::Metric::latency);
  EXPECT_EQ(d.wait_ms, 10'000u);
  EXPECT_FALSE(d.oversubscribe || d.explain);
  EXPECT_TRUE(d.node.empty() && d.about_nodes.empty() && d.requirements == wire::schedule::Requirements());
  const Options o = parsed("--hops 3 --wait 0.5 --oversubscribe --explain --node /run/zel a");
  EXPECT_EQ(o.metric, wire::schedule::Metric::hops);
  EXPECT_EQ(o.hops, 3u);
  EXPECT_EQ(o.wait_ms, 500u);
  EXPECT_TRUE(o.oversubscribe && o.explain);
  EXPECT_EQ(o.node, "/run/zel");
  EXPECT_EQ(parsed("--metric neighbours a").metric, wire::schedule::Metric::neighbours);
  EXPECT_EQ(parsed("--wait 0 a").wait_ms, 0u);
}

TEST(Options, whatMpirunNeedsAndWeDoAnyway) {
  const Options o = parsed("--oversubscribe --allow-run-as-root -np 2 a");
  EXPECT_EQ(o.ranks, 2u);
  EXPECT_THAT(o.arguments, ElementsAre("a"));
}

struct Mistake {
  const char* line;
  const char* text;
};

TEST(Options, mistakesSayWhatToDo) {
  const Mistake mistakes[] = {
      {"", "zrun: no program to run; try: zrun -n 4 ./app (zrun --help explains)"},
      {"-n 4", "zrun: no program to run; try: zrun -n 4 ./app (zrun --help explains)"},
      {"-n 4 --", "zrun: no program to run; try: zrun -n 4 ./app (zrun --help explains)"},
      {"-n x a", "zrun: -n needs a number from 1 to 4096, not 'x'"},
      {"-n ./app", "zrun: -n needs a number from 1 to 4096, not './app'"},
      {"-n 0 a", "zrun: -n needs a number from 1 to 4096, not '0'"},
      {"-n -1 a", "zrun: -n needs a number from 1 to 4096, not '-1'"},
      {"-n 4097 a", "zrun: -n needs a number from 1 to 4096, not '4097'"},
      {"-n 99999999999 a", "zrun: -n needs a number from 1 to 4096, not '99999999999'"},
      {"-n 2.5 a", "zrun: -n needs a number from 1 to 4096, not '2.5'"},
      {"-n", "zrun: -n needs a number from 1 to 4096"},
      {"-np", "zrun: -np needs a number from 1 to 4096"},
      {"-q -c", "zrun: -c needs a number from 1 to 65536"},
      {"-qn", "zrun: -qn needs a number from 1 to 4096"},
      {"-qc", "zrun: -qc needs a number from 1 to 65536"},
      {"--wdir", "zrun: --wdir needs a directory"},
      {"--wdir= a", "zrun: --wdir needs a directory, not ''"},
      {"--stdin 4 -n 4 a", "zrun: there is no rank 4 for --stdin; with -n 4 the ranks are 0 to 3"},
      {"--stdin 1 a", "zrun: there is no rank 1 for --stdin; with -n 1 the only rank is 0"},
      {"--stdin some a", "zrun: --stdin needs a rank's number, all or none, not 'some'"},
      {"--timeout soon a",
       "zrun: --timeout needs a number of seconds up to 1000000000, as 90 or 0.5, not 'soon'"},
      {"--timeout -1 a",
       "zrun: --timeout needs a number of seconds up to 1000000000, as 90 or 0.5, not '-1'"},
      {"--timeout nan a",
       "zrun: --timeout needs a number of seconds up to 1000000000, as 90 or 0.5, not 'nan'"},
      {"--timeout inf a",
       "zrun: --timeout needs a number of seconds up to 1000000000, as 90 or 0.5, not 'inf'"},
      {"--timeout 5s a",
       "zrun: --timeout needs a number of seconds up to 1000000000, as 90 or 0.5, not '5s'"},
      {"--grace 100000 a", "zrun: --grace needs a number of seconds up to 86400, as 10 or 0.5, not '100000'"},
      {"--on-failure stop a", "zrun: --on-failure needs cancel or ignore, not 'stop'"},
      {"--bind-to socket a", "zrun: --bind-to needs core, hwthread, numa or none, not 'socket'"},
      {"--map-by slot a", "zrun: --map-by needs core, hwthread, numa or package, not 'slot'"},
      {"-c 0 a", "zrun: --cores-per-rank needs a number from 1 to 65536, not '0'"},
      {"-x NOPE a", "zrun: -x NOPE: it is not set; set it, or give -x NOPE=VALUE"},
      {"-x =1 a", "zrun: -x needs VAR or VAR=VALUE, not '=1'"},
      {"--json", "zrun: --json needs a file name"},
      {"--tag-outputs a", "zrun: there is no option --tag-outputs; did you mean --tag-output?"},
      {"--tag a", "zrun: there is no option --tag; did you mean --tag-output?"},
      {"--bindto core a", "zrun: there is no option --bindto; did you mean --bind-to?"},
      {"-bind-to core a", "zrun: there is no option -bind-to; did you mean --bind-to?"},
      {"-timeout 4 a", "zrun: there is no option -timeout; did you mean --timeout?"},
      {"--tiemout=4 a", "zrun: there is no option --tiemout; did you mean --timeout?"},
      {"--zzzzzz a", "zrun: there is no option --zzzzzz; zrun --help lists them all"},
      {"-Z a", "zrun: there is no option -Z; zrun --help lists them all"},
      {"-qZ a", "zrun: there is no option -qZ; zrun --help lists them all"},
      {"--use-hwthread-cpus -n 4 a",
       "zrun: there is no option --use-hwthread-cpus; --bind-to hwthread --map-by hwthread gives each rank a "
       "hardware thread of its own"},
      {"-H h a", "zrun: there is no option -H; use --host A,B"},
      {"-host h a", "zrun: there is no option -host; did you mean --host?"},
      {"-machinefile h a", "zrun: there is no option -machinefile; use --hostfile FILE"},
      {"--host a,,b a", "zrun: --host needs names, ids or addresses of nodes, separated by commas, not 'a,,b'"},
      {"--host a:b a", "zrun: --host needs names, ids or addresses of nodes, separated by commas, not 'a:b'"},
      {"--exclude= a", "zrun: --exclude needs names, ids or addresses of nodes, separated by commas, not ''"},
      {"--require gpu a",
       "zrun: --require needs memory=SIZE, disk=SIZE, arch=NAME, os=NAME or LABEL=VALUE, not 'gpu'"},
      {"--require memory=4X a",
       "zrun: --require needs memory=SIZE, disk=SIZE, arch=NAME, os=NAME or LABEL=VALUE, not 'memory=4X'"},
      {"--require memory=-1 a",
       "zrun: --require needs memory=SIZE, disk=SIZE, arch=NAME, os=NAME or LABEL=VALUE, not 'memory=-1'"},
      {"--metric miles a", "zrun: --metric needs latency, hops or neighbours, not 'miles'"},
      {"--hops 0 a", "zrun: --hops needs a number from 1 to 32, not '0'"},
      {"--hops 33 a", "zrun: --hops needs a number from 1 to 32, not '33'"},
      {"--hops 3 --metric latency a",
       "zrun: --hops counts hops, and --metric latency does not; leave one of them out"},
      {"--wait long a", "zrun: --wait needs a number of seconds up to 86400, as 10 or 0.5, not 'long'"},
      {"--node= a",
       "zrun: --node needs a node's runtime directory, its address on this machine, or private, not ''"},
      {"-genv A 1 a", "zrun: there is no option -genv; use -x VAR=value"},
      {"-l a", "zrun: there is no option -l; use --tag-output"},
      {"--mca btl self a", "zrun: there is no option --mca; there are no MCA parameters here; leave it out"},
  };
  for (const Mistake& m : mistakes) EXPECT_EQ(complaint(words(m.line)), m.text) << m.line;
}

TEST(Options, aFlagTakesNoValue) {
  EXPECT_EQ(complaint(words("--tag-output=no a")),
            "zrun: --tag-output takes no value; leave out what follows the =");
}

TEST(Options, helpIsForReading) {
  for (const char* line : {"--help", "-h", "-n 4 --help", "--help nonsense --tag", "-n x --help"}) {
    const auto stop = parse(words(line), environment);
    ASSERT_FALSE(stop.has_value()) << line;
    EXPECT_EQ(stop.error().exit_status, 0);
    EXPECT_THAT(stop.error().text, HasSubstr("Usage: zrun [options] [--] program [arguments]"));
  }
  const std::string help = parse(words("--help"), environment).error().text;
  for (const OptionSpec& spec : option_table()) {
    const std::string shown(spec.shown);
    if (spec.group.empty()) {
      EXPECT_THAT(help, Not(HasSubstr(shown)));
    } else {
      EXPECT_THAT(help, HasSubstr(shown + (spec.value.empty() ? "" : " ")));
      EXPECT_THAT(help, HasSubstr(std::string(spec.group) + ":\n"));
    }
  }
  EXPECT_THAT(help, HasSubstr("-n, -np N"));
  EXPECT_THAT(help, HasSubstr("  124 "));
  std::istringstream lines(help);
  for (std::string text; std::getline(lines, text);) EXPECT_LE(text.size(), 96u) << text;
}

TEST(Options, version) {
  const auto stop = parse(words("--version"), environment);
  ASSERT_FALSE(stop.has_value());
  EXPECT_EQ(stop.error().exit_status, 0);
  EXPECT_THAT(stop.error().text, testing::MatchesRegex("zrun [0-9.]+\n"));
}

TEST(Options, theTableIsInTheOrderOfItsIds) {
  for (std::size_t i = 0; i < option_table().size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(option_table()[i].id), i);
  }
}

TEST(Options, anEmptyCommandLineIsNoCrash) { EXPECT_THAT(complaint(Words{}), HasSubstr("no program")); }

}  // namespace
}  // namespace zel::zrun
