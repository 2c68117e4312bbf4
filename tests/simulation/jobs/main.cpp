// Why: plays many seeds of whole nodes with jobs and says which one broke a promise, or plays one again and
// shows it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

#include "tests/simulation/jobs/run.hpp"

namespace {

using namespace zel::simulation;  // a program of few lines
using SteadyClock = std::chrono::steady_clock;

struct Options {
  std::uint64_t seed = 0;
  std::string seeds;
  double seconds = 0;
  bool trace = false;
  std::string expect_violation;  // what it says, or a part of that
  std::string program;
};

struct Total {
  std::uint64_t runs = 0, broken = 0, events = 0, messages = 0, jobs = 0, planned = 0;
  double virtual_s = 0, slowest_s = 0;
};

double since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// True: every promise was kept.
bool play(std::uint64_t seed, const Options& options, Total& total) {
  const auto scenario = jobs::draw_scenario(seed);
  const auto outcome = jobs::run(scenario, options.trace);
  ++total.runs;
  total.events += outcome.events;
  total.messages += outcome.messages;
  total.jobs += outcome.jobs;
  total.planned += outcome.planned;
  total.virtual_s += outcome.at_s;
  total.slowest_s = std::max(total.slowest_s, outcome.settled_s);
  if (outcome.violation.empty()) return true;
  if (outcome.violation.find(options.expect_violation) == std::string::npos) return true;  // another one
  ++total.broken;
  const auto number = static_cast<unsigned long long>(seed);
  std::printf("seed %llu broke a promise at %.3f s: %s\n  %s\n  replay: %s --seed %llu --trace\n", number, outcome.at_s,
              outcome.violation.c_str(), scenario.text().c_str(), options.program.c_str(), number);
  std::fflush(stdout);
  return false;
}

void play_what_was_asked(const Options& options, Total& total) {
  std::uint64_t first = options.seed;
  std::uint64_t last = options.seconds > 0 ? UINT64_MAX : options.seed;
  if (!options.seeds.empty()) {
    const std::size_t dots = options.seeds.find("..");
    first = std::stoull(options.seeds);
    last = dots == std::string::npos ? first : std::stoull(options.seeds.substr(dots + 2));
  }
  const auto start = SteadyClock::now();
  for (std::uint64_t seed = first;; ++seed) {
    const bool kept = play(seed, options, total);
    if (seed >= last || (!kept && !options.expect_violation.empty())) return;
    if (options.seconds > 0 && since(start) >= options.seconds) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  options.program = argv[0];
  CLI::App app("Plays nodes with jobs on a virtual clock and checks what must hold. Exit status 1: a promise was broken.");
  app.add_option("--seed", options.seed, "play this one; with --seconds: begin here");
  app.add_option("--seeds", options.seeds, "play FROM..TO");
  app.add_option("--seconds", options.seconds, "as many seeds as fit into this time");
  app.add_flag("--trace", options.trace, "print what happens");
  app.add_option("--expect-violation", options.expect_violation, "succeed only if a promise is broken and that says TEXT");
  CLI11_PARSE(app, argc, argv);
  Total total;
  const auto start = SteadyClock::now();
  play_what_was_asked(options, total);
  const auto number = [](std::uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%llu runs in %.1f s: %.0f s of virtual time, %llu events, %llu messages, %llu jobs of which %llu were planned, "
              "%llu broke a promise, slowest to settle %.0f s\n",
              number(total.runs), since(start), total.virtual_s, number(total.events), number(total.messages),
              number(total.jobs), number(total.planned), number(total.broken), total.slowest_s);
  return (total.broken == 0) == options.expect_violation.empty() ? 0 : 1;
}
