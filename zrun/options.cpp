#include "zrun/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "zrun/node_names.hpp"
#include "zrun/options_split.hpp"
#include "zrun/options_table.hpp"
#include "zrun/options_values.hpp"
#include "zrun/program.hpp"

namespace zel::zrun {
namespace {

using wire::run::Binding;
using wire::run::Mapping;
using wire::run::OnFailure;
using wire::run::StdinTo;

static_assert(wire::run::max_ranks == 4096, "the table of options names this number");

Stop failure(const std::string& text) { return {exit_status::own_failure, "zrun: " + text + '\n'}; }

std::string needs(const OptionSpec& spec, const std::string& as_typed) {
  return as_typed + " needs " + std::string(spec.needs);
}

/// The library's layout, except for what it says about -np and about the program.
class HelpFormat : public CLI::Formatter {
 public:
  HelpFormat() { column_width(26); }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: zrun [options] [--] program [arguments]\n";
  }
  std::string make_option_name(const CLI::Option* option, bool) const override {
    std::string name = option->get_name(false, true);
    if (name == "-n,--np") return "-n, -np";
    if (const auto comma = name.find(','); comma != std::string::npos) name.insert(comma + 1, " ");
    return name;
  }
};

/// The options as the library sees them: words in, lists of words out.
class Parser {
 public:
  Parser() : app_("Runs a program as a number of ranks, each placed on cores of its own.", "zrun") {
    app_.formatter(std::make_shared<HelpFormat>());
    app_.footer(std::string(help_footer));
    for (const OptionSpec& spec : option_table()) options_.push_back(add(spec));
    // Last, so that they are at the end of the list.
    app_.set_help_flag("-h,--help", "Print this")->group("Help");
    app_.set_version_flag("--version", std::string("zrun " ZEL_VERSION "\n"), "Print the version")
        ->group("Help");
  }

  std::optional<bool> takes_value(const std::string& name) const {
    const CLI::Option* option = app_.get_option_no_throw(name);
    if (option == nullptr) return std::nullopt;
    return option->get_items_expected_max() > 0;
  }

  std::vector<std::string> known() const {
    std::vector<std::string> names;
    for (const CLI::Option* option : app_.get_options()) {
      for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    }
    return names;
  }

  /// Nothing, or the help, the version, or a complaint.
  std::optional<Stop> parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // the library pops them from the back
    try {
      app_.parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
      return Stop{0, help()};
    } catch (const CLI::CallForVersion& version) {
      return Stop{0, version.what()};
    } catch (const CLI::ParseError& error) {
      return failure(std::string(error.what()) + "; zrun --help explains");
    }
    return std::nullopt;
  }

  bool has(OptionId id) const { return option(id)->count() > 0; }
  std::vector<std::string> all(OptionId id) const { return option(id)->results(); }
  std::string last(OptionId id) const { return has(id) ? option(id)->results().back() : std::string(); }

 private:
  /// The library's text, without the second of two empty lines.
  std::string help() const {
    std::string text = app_.help();
    for (auto at = text.find("\n\n\n"); at != std::string::npos; at = text.find("\n\n\n")) text.erase(at, 1);
    return text;
  }

  CLI::Option* add(const OptionSpec& spec) {
    const std::string names(spec.names);
    CLI::Option* option = nullptr;
    if (spec.value.empty()) {
      option = app_.add_flag(names);
      option->description(std::string(spec.help));
    } else {
      option = app_.add_option(
          names, [](const CLI::results_t&) { return true; }, std::string(spec.help));
      option->option_text(std::string(spec.value))->allow_extra_args(false);
    }
    return option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)->group(std::string(spec.group));
  }
  CLI::Option* option(OptionId id) const { return options_[static_cast<std::size_t>(id)]; }

  CLI::App app_;
  std::vector<CLI::Option*> options_;
};

/// Turns words into values, and keeps the first complaint.
class Reader {
 public:
  explicit Reader(const Parser& parser) : parser_(parser) {}

  /// Sets `target` from the last value of an option, if there is one; `read` gives nothing for a bad one.
  template <class T, class Read>
  void set(OptionId id, T& target, Read read) {
    if (!parser_.has(id)) return;
    const std::string word = parser_.last(id);
    if (auto value = read(word)) {
      target = static_cast<T>(*value);
    } else {
      const OptionSpec& spec = spec_of(id);
      complain(needs(spec, std::string(spec.shown)) + ", not '" + word + "'");
    }
  }
  void set_text(OptionId id, std::string& target) {
    set(id, target,
        [](const std::string& word) { return word.empty() ? std::nullopt : std::optional(word); });
  }
  void complain(const std::string& text) {
    if (!complaint_) complaint_ = failure(text);
  }
  const std::optional<Stop>& complaint() const { return complaint_; }

 private:
  const Parser& parser_;
  std::optional<Stop> complaint_;
};

auto number(std::uint32_t least, std::uint32_t most) {
  return [=](const std::string& word) { return number_in(word, least, most); };
}

auto seconds(std::uint64_t most) {
  return [=](const std::string& word) { return milliseconds(word, most); };
}

template <class T>
auto one_of(std::vector<std::pair<std::string_view, T>> words) {
  return [words = std::move(words)](const std::string& word) { return choice(word, words); };
}

void read_stdin(const Parser& parser, Reader& reader, Options& options) {
  const std::string word = parser.last(OptionId::stdin_to);
  if (word == "all" || word == "none") {
    options.stdin_to = word == "all" ? StdinTo::all_ranks : StdinTo::no_rank;
    return;
  }
  reader.set(OptionId::stdin_to, options.stdin_rank, number(0, UINT32_MAX));
  if (options.stdin_rank < options.ranks) return;
  const std::string there_is =
      options.ranks == 1 ? "the only rank is 0" : "the ranks are 0 to " + std::to_string(options.ranks - 1);
  reader.complain("there is no rank " + word + " for --stdin; with -n " + std::to_string(options.ranks) +
                  ' ' + there_is);
}

void read_exported(const Parser& parser, Reader& reader, Options& options) {
  for (const std::string& word : parser.all(OptionId::exported)) {
    const auto equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (name.empty()) {
      reader.complain(needs(spec_of(OptionId::exported), "-x") + ", not '" + word + "'");
    } else if (equals != std::string::npos) {
      set_value(name, word.substr(equals + 1), options.environment);
    } else if (!value_of(name, options.environment)) {
      std::string text = "-x ";
      text.append(name).append(": it is not set; set it, or give -x ").append(name).append("=VALUE");
      reader.complain(text);
    }
  }
}

void read_placement(const Parser& parser, Reader& reader, wire::run::PlacementWish& wish) {
  reader.set(OptionId::bind_to, wish.bind_to,
             one_of<Binding>({{"core", Binding::core},
                              {"hwthread", Binding::hwthread},
                              {"numa", Binding::numa},
                              {"none", Binding::none}}));
  reader.set(OptionId::map_by, wish.map_by,
             one_of<Mapping>({{"core", Mapping::core},
                              {"hwthread", Mapping::hwthread},
                              {"numa", Mapping::numa},
                              {"package", Mapping::package}}));
  reader.set(OptionId::cores_per_rank, wish.cores_per_rank, number(1, 65536));
  wish.binding_given = parser.has(OptionId::bind_to);
}

void read_names(const Parser& parser, Reader& reader, OptionId id, std::vector<std::string>& names) {
  for (const std::string& word : parser.all(id)) {
    if (auto bad = add_node_names(word, names)) {
      reader.complain(needs(spec_of(id), std::string(spec_of(id).shown)) + ", not '" + word + "'");
    }
  }
  if (names.size() > wire::schedule::max_filter_names) {
    reader.complain(std::string(spec_of(id).shown) + ": at most " + std::to_string(wire::schedule::max_filter_names) +
                    " nodes can be named");
  }
}

void read_nodes(const Parser& parser, Reader& reader, Options& options) {
  reader.set_text(OptionId::node, options.node);
  read_names(parser, reader, OptionId::host, options.requirements.hosts);
  read_names(parser, reader, OptionId::exclude, options.requirements.excluded);
  options.hostfiles = parser.all(OptionId::hostfile);
  for (const std::string& word : parser.all(OptionId::require)) {
    if (!add_requirement(word, options.requirements)) {
      reader.complain(needs(spec_of(OptionId::require), "--require") + ", not '" + word + "'");
    }
  }
  using wire::schedule::Metric;
  reader.set(OptionId::metric, options.metric,
             one_of<Metric>({{"latency", Metric::latency}, {"hops", Metric::hops}, {"neighbours", Metric::neighbours}}));
  reader.set(OptionId::hops, options.hops, number(1, wire::schedule::max_hops));
  if (parser.has(OptionId::hops)) {
    if (parser.has(OptionId::metric) && options.metric != Metric::hops) {
      reader.complain("--hops counts hops, and --metric " + parser.last(OptionId::metric) + " does not; leave one of them out");
    }
    options.metric = Metric::hops;
  }
  reader.set(OptionId::wait, options.wait_ms, seconds(86'400));
  options.oversubscribe = parser.has(OptionId::oversubscribe);
  options.explain = parser.has(OptionId::explain);
  for (const OptionId id : {OptionId::host, OptionId::hostfile, OptionId::exclude, OptionId::require, OptionId::metric,
                            OptionId::hops, OptionId::wait}) {
    if (parser.has(id)) options.about_nodes.emplace_back(spec_of(id).shown);
  }
}

/// The line for a word that cannot stand where it stands.
Stop about(const BadWord& bad, const Parser& parser) {
  switch (bad.kind) {
    case BadWord::Kind::unknown:
      return failure("there is no option " + bad.word + "; " + advice_for(bad.word, parser.known()));
    case BadWord::Kind::value_unwanted:
      return failure(bad.word + " takes no value; leave out what follows the =");
    case BadWord::Kind::value_missing: break;
  }
  const auto table = option_table();
  const std::string sought = ',' + bad.option + ',';
  const auto spec = std::find_if(table.begin(), table.end(), [&](const OptionSpec& candidate) {
    std::string names = ",";
    names.append(candidate.names).append(",");
    return names.find(sought) != std::string::npos;
  });
  return failure(spec == table.end() ? bad.word + " needs a value" : needs(*spec, bad.word));
}

}  // namespace

tl::expected<Options, Stop> parse(const std::vector<std::string>& argv,
                                  const std::vector<std::string>& environment) {
  Parser parser;
  const std::vector<std::string> words(argv.begin() + (argv.empty() ? 0 : 1), argv.end());
  auto line = split(words, [&](const std::string& name) { return parser.takes_value(name); });
  if (!line) return tl::unexpected(about(line.error(), parser));
  if (auto stop = parser.parse(line->own)) return tl::unexpected(*stop);

  Options options;
  options.environment = environment;
  options.arguments = line->program;
  Reader reader(parser);
  reader.set(OptionId::ranks, options.ranks, number(1, wire::run::max_ranks));
  reader.set_text(OptionId::directory, options.directory);
  read_exported(parser, reader, options);
  reader.set_text(OptionId::output, options.output_directory);
  read_stdin(parser, reader, options);
  reader.set(OptionId::timeout, options.timeout_ms, seconds(1'000'000'000));
  reader.set(OptionId::grace, options.grace_ms, seconds(86'400));
  reader.set(OptionId::on_failure, options.on_failure,
             one_of<OnFailure>({{"cancel", OnFailure::cancel}, {"ignore", OnFailure::ignore}}));
  read_placement(parser, reader, options.placement);
  read_nodes(parser, reader, options);
  reader.set_text(OptionId::json, options.json_file);
  options.tag_output = parser.has(OptionId::tag_output);
  options.quiet = parser.has(OptionId::quiet);
  options.report_bindings = parser.has(OptionId::report_bindings);
  options.report_paths = parser.has(OptionId::report_paths);
  options.dry_run = parser.has(OptionId::dry_run);
  if (options.arguments.empty()) {
    reader.complain("no program to run; try: zrun -n 4 ./app (zrun --help explains)");
  }
  if (reader.complaint()) return tl::unexpected(*reader.complaint());
  return options;
}

}  // namespace zel::zrun
