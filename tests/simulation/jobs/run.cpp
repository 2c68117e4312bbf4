#include "tests/simulation/jobs/run.hpp"

#include "tests/simulation/jobs/launcher.hpp"

namespace zel::simulation::jobs {

namespace {

constexpr double quiet_s = 90;  // a user's patience, a search, a job's grace, a stuck sweep, a stream's patience

ClusterSetup setup_of(const Scenario& scenario, bool trace) {
  return {scenario.nodes, scenario.overlay(), scenario.most_cores, scenario.laziness, scenario.calm(), trace};
}

/// The first thing that is still there of what should be over; empty: nothing.
std::string still_there(const Cluster& cluster) {
  for (const auto& launcher : cluster.launchers()) {
    if (!launcher->done()) return "the launcher of " + name_of(launcher->job().id) + " waits for its last word";
  }
  for (NodeIndex index = 0; index < cluster.size(); ++index) {
    if (!cluster.runs(index)) continue;
    const std::string name = "n" + std::to_string(index);
    const Node& node = cluster.node(index);
    if (cluster.book.used(index) > 0) return name + " runs ranks";
    if (!node.idle()) return name + " is not idle";
    const auto status = node.status(cluster.local_time(index));
    if (status.cores_free != status.cores_total) return name + " does not have all its cores free";
    if (!node.jobs(cluster.local_time(index)).jobs.empty()) return name + " lists jobs";
  }
  return cluster.parts() > 0 ? "a part of a job is there" : "";
}

void play(Cluster& cluster, const Scenario& scenario, Outcome& outcome) {
  const auto step_to = [&](double s) {
    cluster.clock.run_until(static_cast<std::int64_t>(s * 1e9));
    cluster.check_leftovers();
  };
  for (double s = 1; s < scenario.faulty_s; s += 1) step_to(s);
  step_to(scenario.faulty_s);
  int well = 0;
  for (double waited_s = 1; well < 2; waited_s += 1) {
    step_to(scenario.faulty_s + waited_s);
    const std::string left = still_there(cluster);
    well = left.empty() ? well + 1 : 0;
    if (well == 1) outcome.settled_s = waited_s;
    if (well == 0 && waited_s > quiet_s) throw Violation("the faults ended long ago, and still " + left);
  }
}

}  // namespace

Outcome run(const Scenario& scenario, bool trace) {
  base::Random random(scenario.seed);
  Terrain terrain(scenario.terrain, scenario.nodes, "", random.split());
  Cluster cluster(setup_of(scenario, trace), Network(std::move(terrain), scenario.nodes, random.split()), random.split());
  Faults faults(cluster, scenario, random.split());
  Outcome outcome;
  try {
    faults.plan();
    plan_jobs(cluster, scenario, random.split());
    play(cluster, scenario, outcome);
  } catch (const Violation& violation) {
    outcome.violation = violation.what();
    cluster.note(0, outcome.violation);
  }
  outcome.at_s = cluster.clock.now_s();
  outcome.events = cluster.clock.events();
  outcome.messages = cluster.messages();
  outcome.jobs = cluster.launchers().size();
  for (const auto& launcher : cluster.launchers()) outcome.planned += launcher->was_planned() ? 1u : 0u;
  return outcome;
}

}  // namespace zel::simulation::jobs
