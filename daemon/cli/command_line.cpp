#include "daemon/cli/command_line.hpp"

#include <algorithm>

#include "base/spelling.hpp"

namespace zel::cli {

namespace {

constexpr const char* footer = R"(Examples:
  zeld start --detach                   a node on this machine, alone
  zeld start --detach --peer 10.0.0.1   the same, joining the node there
  zeld nodes                            who is there, how far, how many cores are free
  zeld stop                             leave the others, end the jobs, exit

Each subcommand has a --help of its own. Programs are started with zrun.

Exit status:
  0  done
  1  no node runs here, or it could not be done; one line says why
  2  the options make no sense; nothing was done
)";

/// The words an app knows.
std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known, const std::string& otherwise) {
  const std::string meant = base::nearest(word, known);
  return meant.empty() ? otherwise : "did you mean " + meant + "?";
}

Answer complaint(const std::string& text) { return {exit_status::bad_options, "zeld: " + text + "\n"}; }

/// The library's words, but for what it says about words it does not know.
Answer describe(const CLI::ParseError& error, const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  const CLI::App& at = chosen.empty() ? app : *chosen.front();
  const std::string help = chosen.empty() ? "zeld --help" : "zeld " + at.get_name() + " --help";
  for (const std::string& word : at.remaining(true)) {
    const std::string name = word.substr(0, word.find('='));
    if (!word.starts_with('-')) return complaint("'" + word + "' has no place after zeld " + at.get_name() + "; " + help + " explains");
    return complaint("there is no option " + name + "; " + did_you_mean(name, options_of(at), help + " lists them all"));
  }
  if (const auto* missing = dynamic_cast<const CLI::ArgumentMismatch*>(&error)) {
    const std::string what = missing->what();
    return complaint(what.substr(0, what.find(':')) + " needs a value; " + help + " explains");
  }
  std::string text = error.what();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return complaint(text + "; " + help + " explains");
}

}  // namespace

std::variant<Run, Answer> read_command_line(const std::vector<std::string>& words) {
  CLI::App app("A node of zel: one of many equal ones that run each other's programs.", "zeld");
  app.set_help_flag("-h,--help", "Print this");
  app.set_version_flag("--version", "zeld " ZEL_VERSION "\n", "Print the version");
  app.require_subcommand(0, 1);
  app.footer(footer);
  Run run;
  for (const auto add : {add_start, add_stop, add_status, add_nodes, add_jobs, add_paths, add_kill}) add(app, run);
  std::vector<std::string> names;
  bool known = false;
  for (CLI::App* each : app.get_subcommands([](CLI::App*) { return true; })) {
    known = known || (!words.empty() && each->get_name() == words.front());
    each->allow_extras(false)->prefix_command(false);
    each->set_help_flag("-h,--help", "Print this");
    if (!each->get_group().empty()) names.push_back(each->get_name());
  }

  if (!words.empty() && !words.front().starts_with('-') && !known) {
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    return complaint("there is no subcommand '" + words.front() + "'; " + did_you_mean(words.front(), names, "there are " + all));
  }
  try {
    app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    return Answer{0, app.help()};
  } catch (const CLI::CallForVersion& version) {
    return Answer{0, version.what()};
  } catch (const CLI::ParseError& error) {
    return describe(error, app);
  }
  if (!run) return Answer{0, app.help()};
  return run;
}

}  // namespace zel::cli
