#include "tests/simulation/jobs/plan.hpp"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "tests/simulation/jobs/launcher.hpp"

namespace zel::simulation::jobs {

namespace {

constexpr double warm_up_s = 3;          // nodes get to know one another
constexpr double patience_s = 20;        // of users, after the faults ended

std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

}  // namespace

std::string Scenario::text() const {
  char line[512];
  std::snprintf(line, sizeof line,
                "%zu nodes, %s, preset %s, %.0f s of faults: loss %.0f %%, doubled %.0f %%, late %.0f %%, %zu crashes, "
                "%zu freezes, %zu stops, %zu partitions, %zu strikes, %zu jobs, keen users %.0f %%, clumsy jobs %.0f %%",
                nodes, zel::simulation::name_of(terrain), preset.c_str(), faulty_s, weather.loss * 100, weather.duplicate * 100,
                weather.late * 100, crashes, freezes, stops, partitions, strikes, jobs, keen * 100, clumsy * 100);
  return line;
}

Scenario draw_scenario(std::uint64_t seed) {
  base::Random random(seed * 0x9e3779b97f4a7c15u + 3);
  const auto sometimes = [&](double probability, double most) {
    return random.chance(probability) ? random.unit() * most : 0;
  };
  const auto few = [&](double probability, std::size_t most) -> std::size_t {
    return random.chance(probability) ? 1 + random.below(most) : 0;
  };
  Scenario drawn;
  drawn.seed = seed;
  drawn.nodes = 2 + random.below(random.chance(0.8) ? 5 : 12);
  drawn.terrain = random.chance(0.7) ? TerrainKind::lan : TerrainKind::sites;
  drawn.preset = drawn.terrain == TerrainKind::lan ? (random.chance(0.3) ? "local" : "lan") : "wan";
  drawn.weather.jitter = random.between(0, 0.5);
  drawn.weather.duplicate = sometimes(0.5, 0.2);
  drawn.weather.late = sometimes(0.4, 0.1);
  drawn.laziness = sometimes(0.5, 1);
  drawn.most_cores = static_cast<std::uint32_t>(1 + random.below(6));
  drawn.jobs = 1 + random.below(2 + 2 * drawn.nodes);
  drawn.keen = sometimes(0.6, 0.6);
  drawn.clumsy = sometimes(0.6, 0.6);
  drawn.faulty_s = random.between(8, 40);
  if (random.chance(0.25)) return drawn;  // nodes and network as they should be
  drawn.weather.loss = sometimes(0.5, 0.3);
  drawn.weather.hint = sometimes(0.5, 1);
  drawn.crashes = few(0.4, 3);
  drawn.freezes = few(0.4, 3);
  drawn.stops = few(0.3, 2);
  drawn.partitions = few(0.35, 3);
  drawn.strikes = few(0.7, 6);
  return drawn;
}

// ---- what goes wrong ---------------------------------------------------------------------------------

Faults::Faults(Cluster& cluster, const Scenario& scenario, base::Random random)
    : cluster_(cluster), scenario_(scenario), random_(random), strikes_left_(scenario.strikes) {}

std::vector<NodeIndex> Faults::contacts() {
  std::vector<NodeIndex> all;
  for (NodeIndex node = 0; node < scenario_.nodes; ++node) all.push_back(node);
  shuffle(all, random_);
  all.resize(std::min<std::size_t>(all.size(), 4));
  return all;
}

void Faults::plan() {
  cluster_.network.set_weather(scenario_.weather);
  for (NodeIndex node = 0; node < scenario_.nodes; ++node) {
    cluster_.clock.after(ns(random_.unit() * 0.2), [this, node] { cluster_.start(node, contacts()); });
  }
  const auto plan_some = [this](std::size_t count, Kind kind) {
    for (; count > 0; --count) {
      cluster_.clock.at(ns(random_.between(warm_up_s, scenario_.faulty_s)), [this, kind, node = any()] { strike(kind, node); });
    }
  };
  plan_some(scenario_.crashes, Kind::crash);
  plan_some(scenario_.freezes, Kind::freeze);
  plan_some(scenario_.stops, Kind::stop);
  plan_some(scenario_.partitions, Kind::partition);
  cluster_.clock.at(ns(scenario_.faulty_s), [this] { heal_all(); });
  if (strikes_left_ == 0) return;
  cluster_.on_step = [this](const char*, NodeIndex from, NodeIndex to) {
    if (strikes_left_ == 0 || cluster_.clock.now_s() >= scenario_.faulty_s || !random_.chance(0.15)) return;
    --strikes_left_;
    const NodeIndex node = random_.chance(0.5) ? from : to;
    const auto kind = static_cast<Kind>(random_.below(4));
    const double when_s = random_.chance(0.4) ? 0 : random_.unit() * 0.1;
    cluster_.clock.after(ns(when_s), [this, kind, node] { strike(kind, node); });
  };
}

void Faults::strike(Kind kind, NodeIndex node) {
  if (cluster_.clock.now_s() >= scenario_.faulty_s) return;
  switch (kind) {
    case Kind::crash: return crash(node);
    case Kind::freeze: return freeze(node);
    case Kind::stop: return cluster_.stop(node, ns(random_.between(0.5, 15)));
    case Kind::partition: return divide(node);
  }
}

void Faults::crash(NodeIndex node) {
  cluster_.crash(node, random_.chance(0.5));
  if (random_.chance(0.4)) return;
  cluster_.clock.after(ns(random_.between(0.05, random_.chance(0.5) ? 1 : 15)), [this, node] {
    if (cluster_.presence(node) == Presence::crashed) cluster_.start(node, contacts());
  });
}

void Faults::freeze(NodeIndex node) {
  cluster_.freeze(node);
  cluster_.clock.after(ns(random_.between(0.1, 20)), [this, node, timers_first = random_.chance(0.6)] { cluster_.thaw(node, timers_first); });
}

void Faults::divide(NodeIndex node) {
  std::vector<std::uint8_t> part(scenario_.nodes);
  if (random_.chance(0.5)) {
    for (auto& of_node : part) of_node = static_cast<std::uint8_t>(random_.below(2));
  } else {
    const std::uint8_t alone = random_.chance(0.5) ? 1 : 0;
    std::fill(part.begin(), part.end(), static_cast<std::uint8_t>(1 - alone));
    part[node] = alone;
  }
  const bool one_way = random_.chance(0.4);
  cluster_.note(node, one_way ? "the network is divided, one way" : "the network is divided");
  cluster_.network.divide(part, one_way);
  cluster_.clock.after(ns(random_.between(0.2, 25)), [this, division = ++division_] {
    if (division == division_) cluster_.network.heal();
  });
}

void Faults::heal_all() {
  cluster_.note(0, "the faults end");
  Weather fair;
  cluster_.network.set_weather(fair);
  cluster_.network.heal();
  for (NodeIndex node = 0; node < scenario_.nodes; ++node) cluster_.thaw(node, random_.chance(0.5));
}

// ---- what users want ---------------------------------------------------------------------------------

namespace {

wire::run::Submit draw_submit(const Scenario& scenario, base::Random& random) {
  wire::run::Submit submit;
  const std::size_t most = random.chance(0.8) ? 5 : scenario.nodes * scenario.most_cores;
  submit.ranks = static_cast<std::uint32_t>(1 + random.below(most));
  submit.program = "/bin/app";
  submit.arguments = {"app"};
  submit.directory = "/";
  submit.placement.cores_per_rank = random.chance(0.2) ? 2 : 1;
  submit.placement.binding_given = random.chance(0.2);
  submit.stdin_to = static_cast<wire::run::StdinTo>(random.below(3));
  submit.on_failure = random.chance(0.6) ? wire::run::OnFailure::cancel : wire::run::OnFailure::ignore;
  submit.grace_ms = static_cast<std::uint32_t>(random.below(3000));
  if (random.chance(0.1)) submit.timeout_ms = 500 + random.below(8000);
  submit.dry_run = random.chance(0.05);
  submit.wait_ms = static_cast<std::uint32_t>(500 + random.below(9500));
  submit.oversubscribe = random.chance(0.2);
  submit.explain = random.chance(0.1);
  return submit;
}

Habits draw_habits(const Scenario& scenario, base::Random& random) {
  Habits habits;
  habits.seed = random();
  habits.longest_s = random.chance(0.3) ? 0.3 : random.between(0.5, 15);
  habits.members = random.chance(0.5) ? random.unit() : 0;
  habits.talkative = random.chance(0.15) ? 0.3 : 0;
  if (!random.chance(scenario.clumsy)) return habits;
  const auto sometimes = [&](double most) { return random.chance(0.3) ? random.unit() * most : 0; };
  habits.failing = sometimes(1);
  habits.endless = sometimes(1);
  habits.deaf = sometimes(1);
  habits.spawn_failing = sometimes(0.5);
  habits.start_failing = sometimes(0.3);
  habits.keeper_dying = sometimes(0.5);
  habits.keeper_stuck = sometimes(0.5);
  return habits;
}

/// What a user does with a job that runs: mostly nothing.
void plan_user(Cluster& cluster, Launcher& launcher, const Scenario& scenario, base::Random random) {
  const auto after = [&](double most_s, std::function<void()> call) { cluster.clock.after(ns(random.unit() * most_s), std::move(call)); };
  Launcher* zrun = &launcher;
  if (random.chance(scenario.keen)) {
    for (std::size_t count = 1 + random.below(3); count > 0; --count) {
      const std::size_t what = random.below(6);
      const double most_s = random.chance(0.3) ? 0.1 : 12;
      if (what == 0) after(most_s, [zrun] { zrun->kill(); });
      if (what == 1) after(most_s, [zrun] { zrun->vanish(); });
      if (what == 2) after(most_s, [zrun] { zrun->signal(SIGTERM); });
      if (what == 3) after(most_s, [zrun] { zrun->signal(SIGINT); });
      if (what == 4) after(most_s, [zrun] { zrun->signal(SIGUSR1); });
      if (what == 5) after(most_s, [zrun] { zrun->kill_by_name(); });
    }
  }
  // Nobody waits for ever.
  cluster.clock.at(ns(scenario.faulty_s + random.unit() * patience_s), [zrun] { zrun->kill(); });
}

}  // namespace

void plan_jobs(Cluster& cluster, const Scenario& scenario, base::Random random) {
  const double race_s = random.between(warm_up_s, scenario.faulty_s);
  for (std::size_t job = 0; job < scenario.jobs; ++job) {
    const double when_s = random.chance(0.4) ? race_s + random.unit() * 0.05 : random.between(warm_up_s, scenario.faulty_s);
    cluster.clock.at(ns(when_s), [&cluster, &scenario, own = std::make_shared<base::Random>(random.split())] {
      const auto node = static_cast<NodeIndex>(own->below(scenario.nodes));
      if (!cluster.is_up(node)) return;
      const auto submit = draw_submit(scenario, *own);
      const auto habits = draw_habits(scenario, *own);
      cluster.submit(node, submit, habits, own->split());
      plan_user(cluster, *cluster.launchers().back(), scenario, own->split());
    });
  }
}

}  // namespace zel::simulation::jobs
