// Why: see options.hpp.
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <map>

#ifndef GO_CAPTURE_VERSION
#error "the build defines GO_CAPTURE_VERSION"
#endif

namespace capture {

std::string_view name_of(Mode mode) {
  switch (mode) {
    case Mode::solve: return "solve";
    case Mode::best: return "best";
    case Mode::exhaustive: return "exhaustive";
  }
  return "?";
}

namespace {

constexpr const char* description =
    "Solves First Capture Go: Black moves first, and whoever captures any stone wins at once. There is no\n"
    "passing, and a side that cannot move loses. Tells who wins, how soon with best play, and what every\n"
    "first move is worth.\n";
constexpr const char* footer =
    "A position file has one line per row, top first: '.' empty, X or B black, O or W white.\n"
    "\nExamples:\n"
    "  go-capture --board 5x5                          who wins on the empty 5x5 board\n"
    "  go-capture --board 4x4 --start crosscut --json  the same of another, for a program to read\n"
    "  zrun -n 4 go-capture --board 5x5 --best          one best move, by four ranks\n"
    "  zrun -n 2 go-capture --board 3x4 --exhaustive   a whole game tree, on two ranks\n";

/// "WxH", or nothing.
std::optional<Board> parse_board(const std::string& text) {
  const auto side = [](char digit) { return digit >= '1' && digit <= '0' + max_side; };
  if (text.size() != 3 || !side(text[0]) || text[1] != 'x' || !side(text[2])) return std::nullopt;
  return Board{static_cast<std::uint8_t>(text[0] - '0'), static_cast<std::uint8_t>(text[2] - '0')};
}

template <class Choice>
std::string list_of(std::initializer_list<Choice> choices) {
  std::string text;
  for (const Choice choice : choices) text += (text.empty() ? "" : "|") + std::string(name_of(choice));
  return text;
}

/// An option whose values are the names of an enumeration.
template <class Choice>
CLI::Option* add_choice(CLI::App& app, const char* name, Choice& target, const char* help,
                        std::initializer_list<Choice> choices) {
  std::map<std::string, Choice> by_name;
  for (const Choice choice : choices) by_name.emplace(name_of(choice), choice);
  const std::string list = list_of(choices);
  const auto set = [&target, by_name, list, name](const std::string& text) {
    const auto found = by_name.find(text);
    if (found == by_name.end()) throw CLI::ValidationError(name, "'" + text + "' is not one of " + list);
    target = found->second;
  };
  return app.add_option_function<std::string>(name, set, help)
      ->default_str(std::string(name_of(target)))
      ->type_name(list);
}

Notice wrong(const std::string& text) {
  return {"go-capture: " + text.substr(0, text.find('\n')) + " (see go-capture --help)\n", 2};
}

}  // namespace

std::variant<Options, Notice> parse_options(int argc, const char* const* argv) {
  Options options;
  std::string board_text = "3x3";
  std::string position_file;
  bool exhaustive = false;
  bool best = false;

  CLI::App app(description, "go-capture");
  app.footer(footer);
  app.set_version_flag("--version", "go-capture " GO_CAPTURE_VERSION, "Print the version and exit");
  auto* board = app.add_option("--board", board_text, "Columns and rows, 1x1 to 7x7")
                    ->capture_default_str()
                    ->type_name("WxH");
  auto* start = add_choice(app, "--start", options.start, "Stones in the centre to begin with",
                           {Start::empty, Start::crosscut, Start::parallel_pairs});
  app.add_option("--position", position_file, "Begin with the position drawn in this file")
      ->type_name("FILE")
      ->excludes(board)
      ->excludes(start);
  add_choice(app, "--to-move", options.position.to_move, "Who moves first", {Colour::black, Colour::white});
  add_choice(app, "--suicide", options.position.suicide,
             "What a move that leaves its own chain no liberty is", {Suicide::forbidden, Suicide::loses});
  auto* whole = app.add_flag("--exhaustive", exhaustive, "Visit the whole game tree and count it, leaving nothing out");
  app.add_flag("--best", best, "Tell who wins and one best move, not what every first move is worth: sooner done")
      ->excludes(whole);
  app.add_option("--table-mib", options.table_mib, "Memory for what was proved already, per thread, in MiB")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(1, 65536, "1 to 65536"));
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

  if (exhaustive) options.mode = Mode::exhaustive;
  if (best) options.mode = Mode::best;
  if (app.count("--position") != 0) {
    options.position_file = position_file;
    return options;
  }
  const auto parsed = parse_board(board_text);
  if (!parsed) return wrong("--board: '" + board_text + "' is not a board, as 4x4: 1 to 7 columns and rows");
  const auto opened = opening(*parsed, options.start, options.position.suicide);
  if (!opened) {
    return wrong("--start: " + std::string(name_of(options.start)) + " does not fit a " + board_text +
                 " board: a stone would have no liberty");
  }
  const Colour to_move = options.position.to_move;
  options.position = *opened;
  options.position.to_move = to_move;
  return options;
}

}  // namespace capture
