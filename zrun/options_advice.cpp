// Why: whoever types an option we do not have usually means one we do have, or comes from another launcher.
#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>
#include <utility>

#include "zrun/options_split.hpp"

namespace zel::zrun {
namespace {

/// Names without their dashes, since mpirun takes one or two.
constexpr std::array<std::pair<std::string_view, std::string_view>, 26> habits = {{
    {"use-hwthread-cpus",
     "--bind-to hwthread --map-by hwthread gives each rank a hardware thread of its own"},
    {"host", "all ranks run on this host; leave it out"},
    {"hosts", "all ranks run on this host; leave it out"},
    {"H", "all ranks run on this host; leave it out"},
    {"hostfile", "all ranks run on this host; leave it out"},
    {"machinefile", "all ranks run on this host; leave it out"},
    {"f", "all ranks run on this host; leave it out"},
    {"N", "all ranks run on this host; give their number with -n"},
    {"npernode", "all ranks run on this host; give their number with -n"},
    {"ppn", "all ranks run on this host; give their number with -n"},
    {"ntasks", "use -n"},
    {"cpus-per-task", "use --cores-per-rank"},
    {"env", "use -x VAR=value"},
    {"genv", "use -x VAR=value"},
    {"genvall", "the whole environment is passed anyway; leave it out"},
    {"export", "the whole environment is passed anyway; change it with -x VAR=value"},
    {"wd", "use --wdir"},
    {"cwd", "use --wdir"},
    {"chdir", "use --wdir"},
    {"D", "use --wdir"},
    {"l", "use --tag-output"},
    {"label", "use --tag-output"},
    {"prepend-rank", "use --tag-output"},
    {"output-filename", "use --output DIR"},
    {"display-map", "use --report-bindings, or --dry-run to start nothing"},
    {"mca", "there are no MCA parameters here; leave it out"},
}};

std::string_view without_dashes(std::string_view word) {
  word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
  return word;
}

/// How many letters to insert, drop or replace to make one of the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// The nearest long option, if it is near enough to be meant: a third of its letters wrong at most, or the
/// beginning of it.
std::string nearest(std::string_view name, const std::vector<std::string>& known) {
  std::string best;
  std::size_t best_distance = name.size() / 3 + 2;
  for (const std::string& option : known) {
    const std::string_view candidate = without_dashes(option);
    if (candidate.size() < 2) continue;
    std::size_t d = distance(name, candidate);
    if (d > std::min(name.size(), candidate.size()) / 3 + 1) d = name.size() + candidate.size();
    if (name.size() >= 2 && candidate.starts_with(name)) d = 0;
    if (d < best_distance) {
      best_distance = d;
      best = option;
    }
  }
  return best;
}

}  // namespace

std::string advice_for(std::string_view word, const std::vector<std::string>& known) {
  const std::string_view name = without_dashes(word);
  const auto* habit =
      std::find_if(habits.begin(), habits.end(), [&](const auto& h) { return h.first == name; });
  if (habit != habits.end()) return std::string(habit->second);
  const std::string meant = nearest(name, known);
  return meant.empty() ? "zrun --help lists them all" : "did you mean " + meant + "?";
}

}  // namespace zel::zrun
