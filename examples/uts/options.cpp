// Why: see options.hpp. The letters are those of the published benchmark, so that its command lines work
// here.
#include "options.hpp"

#include <CLI/CLI.hpp>

#ifndef UTS_VERSION
#error "the build defines UTS_VERSION"
#endif

namespace uts {
namespace {

constexpr const char* description =
    "Unbalanced Tree Search: counts a tree whose nodes say only when they are visited how many children "
    "they\n"
    "have, after the published benchmark and with its trees.\n";
constexpr const char* footer =
    "Trees that others have counted:\n"
    "  T1   -t 1 -a 3 -d 10 -b 4 -r 19                    4,130,071 nodes, depth 10\n"
    "  T2   -t 1 -a 2 -d 16 -b 6 -r 502                   4,117,769 nodes, depth 81\n"
    "  T3   -t 0 -b 2000 -q 0.124875 -m 8 -r 42           4,112,897 nodes, depth 1572\n"
    "  T4   -t 2 -a 0 -d 16 -b 6 -r 1 -q 0.234375 -m 4    4,132,453 nodes, depth 134\n"
    "  T5   -t 1 -a 0 -d 20 -b 4 -r 34                    4,147,582 nodes, depth 20\n"
    "  T1L  -t 1 -a 3 -d 13 -b 4 -r 29                  102,181,082 nodes, depth 13\n"
    "  T2L  -t 1 -a 2 -d 23 -b 7 -r 220                  96,793,510 nodes, depth 67\n"
    "  T3L  -t 0 -b 2000 -q 0.200014 -m 5 -r 7          111,345,631 nodes, depth 17844\n"
    "\nExamples:\n"
    "  uts -t 1 -a 3 -d 10 -b 4 -r 19 --sequential        T1, by a plain walk without zel's tasks\n"
    "  zrun -n 2 uts -t 1 -a 3 -d 10 -b 4 -r 19           the same by two ranks that steal from each other\n"
    "  zrun -n 2 uts -t 0 -b 2000 -q 0.124875 -m 8 -r 42 --json    T3, for a program to read\n";

constexpr double most_of_branching = 1e6;
/// Expected children of a binomial node. Above 1 a tree may have no end; T3L, with 1.00007, has one.
constexpr double most_expected_children = 1.01;
constexpr std::uint32_t most_of_depth = 1'000'000;

Notice wrong(const std::string& text) {
  return {"uts: " + text.substr(0, text.find('\n')) + " (see uts --help)\n", 2};
}

bool has_binomial_part(const Tree& tree) { return tree.kind == Kind::binomial || tree.kind == Kind::hybrid; }

}  // namespace

std::variant<Options, Notice> parse_options(int argc, const char* const* argv) {
  Options options;
  Tree& tree = options.tree;
  unsigned kind = static_cast<unsigned>(tree.kind);
  unsigned shape = static_cast<unsigned>(tree.shape);

  CLI::App app(description, "uts");
  app.footer(footer);
  app.set_version_flag("--version", "uts " UTS_VERSION, "Print the version and exit");
  const auto add = [&app](const char* name, auto& target, const char* help) {
    return app.add_option(name, target, help)->capture_default_str()->type_name("N");
  };
  add("-t", kind, "Kind of tree: 0 binomial, 1 geometric, 2 hybrid, 3 balanced")
      ->check(CLI::Range(0, 3, "0 to 3"));
  add("-a", shape, "Shape of a geometric tree: 0 linear, 1 exponential decrease, 2 cyclic, 3 fixed")
      ->check(CLI::Range(0, 3, "0 to 3"));
  add("-d", tree.depth, "Depth of a geometric tree; a cyclic one can be five times as deep")
      ->check(CLI::Range(1u, most_of_depth, "1 to 1000000"));
  add("-b", tree.branching, "Expected children of the root; of a binomial one exactly so many")
      ->check(CLI::Range(0.0, most_of_branching, "0 to 1000000"));
  add("-r", tree.seed, "Seed of the root");
  add("-q", tree.inner_probability, "Probability that a binomial node has children")
      ->check(CLI::Range(0.0, 1.0, "0 to 1"));
  add("-m", tree.inner_children, "Children of a binomial node that has any")
      ->check(CLI::Range(0u, most_children, "0 to 100"));
  add("-f", tree.hybrid_share, "Share of the depth in which a hybrid tree is geometric")
      ->check(CLI::Range(0.0, 1.0, "0 to 1"));
  add("-g", tree.grain, "Digests that each child costs: how much work a node is")
      ->check(CLI::Range(1u, 1'000'000u, "1 to 1000000"));
  app.add_flag("--sequential", options.sequential, "One plain walk by rank 0, to compare with");
  app.add_flag("--json", options.json, "Print one JSON object instead of text");

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Notice{app.help(), 0};
  } catch (const CLI::CallForVersion& version) {
    return Notice{version.what() + std::string("\n"), 0};
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  tree.kind = static_cast<Kind>(kind);
  tree.shape = static_cast<Shape>(shape);
  if (has_binomial_part(tree) && tree.inner_probability * tree.inner_children > most_expected_children) {
    return wrong("-q times -m must be at most 1.01, or the tree has no end");
  }
  return options;
}

}  // namespace uts
