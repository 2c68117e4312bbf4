// Why: see options.hpp.
#include "options.hpp"

#include <CLI/CLI.hpp>

#include "board.hpp"

#ifndef NQUEENS_VERSION
#error "the build defines NQUEENS_VERSION"
#endif

namespace nqueens {
namespace {

constexpr const char* description =
    "Counts the ways to place N queens on an NxN board so that none attacks another. Mirror images and\n"
    "rotations count as different.\n";
constexpr const char* footer =
    "Examples:\n"
    "  nqueens 12                       14200 solutions\n"
    "  zrun -n 4 nqueens 15             the 2279184 of a larger board, by four ranks\n"
    "  zrun -n 4 nqueens 16 --json      for a program to read\n";

}  // namespace

std::variant<Options, Notice> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app(description, "nqueens");
  app.footer(footer);
  app.set_version_flag("--version", "nqueens " NQUEENS_VERSION, "Print the version and exit");
  app.add_option("size", options.size, "Rows and columns of the board")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(1, largest_board, "1 to " + std::to_string(largest_board)));
  app.add_option("--rows-alone", options.rows_alone, "The last rows, which one task fills without spawning")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(0, largest_board, "0 to " + std::to_string(largest_board)));
  app.add_flag("--sequential", options.sequential, "One plain recursion by rank 0, to compare with");
  app.add_flag("--json", options.json, "Print one JSON object instead of text");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Notice{app.help(), 0};
  } catch (const CLI::CallForVersion& version) {
    return Notice{version.what() + std::string("\n"), 0};
  } catch (const CLI::ParseError& error) {
    const std::string text = error.what();
    return Notice{"nqueens: " + text.substr(0, text.find('\n')) + " (see nqueens --help)\n", 2};
  }
  return options;
}

}  // namespace nqueens
