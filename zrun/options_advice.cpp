// Why: whoever types an option we do not have usually means one we do have, or comes from another launcher.
#include <algorithm>
#include <array>
#include <utility>

#include "base/spelling.hpp"
#include "zrun/options_split.hpp"

namespace zel::zrun {
namespace {

/// Names without their dashes, since mpirun takes one or two.
constexpr std::array<std::pair<std::string_view, std::string_view>, 24> habits = {{
    {"use-hwthread-cpus",
     "--bind-to hwthread --map-by hwthread gives each rank a hardware thread of its own"},
    {"hosts", "use --host A,B"},
    {"H", "use --host A,B"},
    {"machinefile", "use --hostfile FILE"},
    {"f", "use --hostfile FILE"},
    {"N", "the nearest nodes are filled first; give the number of all ranks with -n"},
    {"npernode", "the nearest nodes are filled first; give the number of all ranks with -n"},
    {"ppn", "the nearest nodes are filled first; give the number of all ranks with -n"},
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

}  // namespace

std::string advice_for(std::string_view word, const std::vector<std::string>& known) {
  const std::string_view name = without_dashes(word);
  const auto* habit =
      std::find_if(habits.begin(), habits.end(), [&](const auto& h) { return h.first == name; });
  if (habit != habits.end()) return std::string(habit->second);
  const std::string meant = base::nearest(name, known);
  return meant.empty() ? "zrun --help lists them all" : "did you mean " + meant + "?";
}

}  // namespace zel::zrun
