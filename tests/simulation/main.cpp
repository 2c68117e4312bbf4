// Why: plays many seeds and says which one broke a promise, or plays one again and shows it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "tests/simulation/run.hpp"

namespace {

using namespace zel;  // a program of few lines
using Clock = std::chrono::steady_clock;

struct Options {
  std::uint64_t seed = 0;
  std::string seeds;
  double seconds = 0;
  std::size_t nodes = 0;
  double duration_s = 60;
  double settle_s = 600;
  bool trace = false;
  std::string expect_violation;  // what it says, or a part of that
  std::string data = ZEL_SIMULATION_DATA;
  std::string program;
};

struct Total {
  std::uint64_t runs = 0, events = 0, messages = 0, jobs = 0, found = 0, false_deaths = 0;
  double virtual_s = 0, slowest_s = 0;
};

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// True: every promise was kept.
bool play(const simulation::Scenario& scenario, const Options& options, Total& total) {
  const auto outcome = simulation::run(scenario, {options.data, options.trace});
  ++total.runs;
  total.events += outcome.events;
  total.messages += outcome.messages;
  total.jobs += outcome.jobs;
  total.found += outcome.found;
  total.false_deaths += outcome.false_deaths;
  total.virtual_s += outcome.at_s;
  total.slowest_s = std::max(total.slowest_s, outcome.settled_s);
  if (outcome.violation.empty()) return true;
  if (outcome.violation.find(options.expect_violation) == std::string::npos) return true;  // another one
  std::string quiet;
  if (options.nodes > 0) quiet = " --nodes " + std::to_string(options.nodes) + " --duration " + std::to_string(options.duration_s);
  std::printf("seed %llu broke a promise at %.3f s: %s\n  %s\n  replay: %s --seed %llu%s --trace\n",
              static_cast<unsigned long long>(scenario.seed), outcome.at_s, outcome.violation.c_str(),
              scenario.text().c_str(), options.program.c_str(), static_cast<unsigned long long>(scenario.seed), quiet.c_str());
  std::fflush(stdout);
  return false;
}

void tell(const Total& total, double took_s) {
  std::printf("%llu runs in %.1f s: %.0f s of virtual time, %llu events, %llu messages, %llu jobs of which %llu found "
              "cores, %llu times a live node was taken for dead, slowest to settle %.0f s\n",
              static_cast<unsigned long long>(total.runs), took_s, total.virtual_s,
              static_cast<unsigned long long>(total.events), static_cast<unsigned long long>(total.messages),
              static_cast<unsigned long long>(total.jobs), static_cast<unsigned long long>(total.found),
              static_cast<unsigned long long>(total.false_deaths), total.slowest_s);
}

/// Seeds from `first` on, until one breaks a promise, `last` is done or the time is up.
bool play_many(std::uint64_t first, std::uint64_t last, const Options& options, Total& total) {
  const auto start = Clock::now();
  bool kept = true;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    if (options.seconds > 0 && since(start) >= options.seconds) break;
    kept = play(simulation::draw_scenario(seed), options, total) && kept;
    if (!kept && !options.expect_violation.empty()) break;
  }
  return kept;
}

bool play_what_was_asked(const Options& options, Total& total) {
  if (options.nodes > 0) {
    return play(simulation::quiet_scenario(options.seed, options.nodes, options.duration_s, options.settle_s), options, total);
  }
  if (!options.seeds.empty()) {
    const std::size_t dots = options.seeds.find("..");
    const std::uint64_t first = std::stoull(options.seeds);
    const std::uint64_t last = dots == std::string::npos ? first : std::stoull(options.seeds.substr(dots + 2));
    return play_many(first, last, options, total);
  }
  if (options.seconds > 0) return play_many(options.seed, UINT64_MAX, options, total);
  return play(simulation::draw_scenario(options.seed), options, total);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.program = argv[0];
  CLI::App app("Plays networks of nodes on a virtual clock and checks what must hold. Exit status 1: a promise was broken.");
  app.add_option("--seed", options.seed, "play this one; with --seconds: begin here");
  app.add_option("--seeds", options.seeds, "play FROM..TO");
  app.add_option("--seconds", options.seconds, "as many seeds as fit into this time");
  app.add_option("--nodes", options.nodes, "a quiet network of so many nodes instead");
  app.add_option("--duration", options.duration_s, "of the quiet network, virtual seconds");
  app.add_option("--settle", options.settle_s, "how long the quiet network may take until nothing is missing; 0: do not look");
  app.add_option("--data", options.data, "folder of latency matrices");
  app.add_flag("--trace", options.trace, "print what happens");
  app.add_option("--expect-violation", options.expect_violation, "succeed only if a promise is broken and that says TEXT");
  CLI11_PARSE(app, argc, argv);
  Total total;
  const auto start = Clock::now();
  const bool kept = play_what_was_asked(options, total);
  tell(total, since(start));
  return kept == options.expect_violation.empty() ? 0 : 1;
}
