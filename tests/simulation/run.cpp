#include "tests/simulation/run.hpp"

#include <algorithm>

#include "tests/simulation/faults.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/liveness.hpp"
#include "tests/simulation/safety.hpp"
#include "tests/simulation/workload.hpp"
#include "tests/simulation/world.hpp"

namespace zel::simulation {

namespace {

constexpr std::int64_t look_every_ns = 5'000'000'000;

WorldSetup setup_of(const Scenario& scenario, bool trace) {
  WorldSetup setup;
  setup.nodes = nodes_ever(scenario);
  setup.overlay = scenario.overlay();
  setup.trace = trace;
  return setup;
}

void plan_jobs(World& world, Workload& workload, const Scenario& scenario, base::Random random) {
  for (std::size_t job = 0; job < scenario.jobs; ++job) {
    // Some in bursts, so that they race.
    const double when = random.chance(0.3) ? scenario.faulty_s / 2 : random.between(0, scenario.faulty_s);
    world.after(static_cast<std::int64_t>(when * 1e9), [&workload] { workload.submit_random(); });
  }
}

// Nothing may be missing twice in a row, so that it is not a moment's luck.
void wait_until_well(World& world, const Workload& workload, const Ledger& ledger, double until_s, Outcome& outcome) {
  const double start_s = world.now_s();
  int well = 0;
  for (;;) {
    world.run_until(world.now_ns() + look_every_ns);
    const std::string missing = still_missing(world, workload, ledger);
    well = missing.empty() ? well + 1 : 0;
    if (well == 1) outcome.settled_s = world.now_s() - start_s;
    if (well == 2) return;
    if (world.now_s() >= until_s && !missing.empty()) throw Violation("the faults ended long ago, and still " + missing);
  }
}

// Where all is well and every core free, half of them are found: else a scheduler that finds nothing would pass.
void find_cores(World& world, Workload& workload) {
  schedule::Wanted wanted;
  wanted.wait = std::chrono::seconds(30);
  NodeIndex seeker = 0;
  std::uint32_t cores = 0;
  for (NodeIndex node = 0; node < world.size(); ++node) {
    if (!world.runs(node)) continue;
    seeker = node;
    cores += world.cores(node);
  }
  wanted.ranks = (cores + 1) / 2;
  const std::size_t job = workload.submit(seeker, wanted, 0);
  world.run_until(world.now_ns() + wanted.wait.count() + look_every_ns);
  if (!workload.jobs()[job].was_found) {
    throw Violation("n" + std::to_string(seeker) + " does not find " + std::to_string(wanted.ranks) + " of " +
                    std::to_string(cores) + " cores, which are all free");
  }
}

}  // namespace

Outcome run(const Scenario& scenario, const RunOptions& options) {
  base::Random random(scenario.seed);
  const WorldSetup setup = setup_of(scenario, options.trace);
  Terrain terrain(scenario.terrain, setup.nodes, options.data, random.split());
  World world(setup, Network(std::move(terrain), setup.nodes, random.split()), random.split());
  Ledger ledger(setup.nodes);
  Workload workload(world, ledger, random.split());
  Safety safety(world, ledger, scenario.gentle());
  world.add(workload);
  world.add(safety);
  Outcome outcome;
  try {
    plan_faults(world, scenario, random.split());
    plan_jobs(world, workload, scenario, random.split());
    world.run_until(static_cast<std::int64_t>(scenario.faulty_s * 1e9));
    if (scenario.quiet_s > 0) wait_until_well(world, workload, ledger, scenario.faulty_s + scenario.quiet_s, outcome);
    // Two nodes behind NAT do not talk here, so there not all can be found.
    if (scenario.quiet_s > 0 && scenario.faults.nat == 0) find_cores(world, workload);
  } catch (const Violation& violation) {
    outcome.violation = violation.what();
    world.note(0, outcome.violation);
  }
  outcome.at_s = world.now_s();
  outcome.events = world.events();
  outcome.messages = world.traffic().count();
  outcome.bytes = world.traffic().bytes();
  outcome.jobs = workload.jobs().size();
  outcome.found = workload.found();
  outcome.false_deaths = safety.false_deaths();
  return outcome;
}

}  // namespace zel::simulation
