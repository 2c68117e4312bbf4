#include "tests/simulation/faults.hpp"

#include <algorithm>
#include <vector>

namespace zel::simulation {

namespace {

std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

class Plan {
 public:
  Plan(World& world, const Scenario& scenario, base::Random random)
      : world_(world), scenario_(scenario), random_(random), end_s_(scenario.faulty_s) {}

  void first_nodes();
  void crashes();
  void leaves();
  void joins();
  void stops();
  void partitions();
  void healing();

 private:
  double some_time() { return random_.between(0.1, end_s_); }
  NodeIndex any() { return static_cast<NodeIndex>(random_.below(scenario_.nodes)); }
  std::vector<NodeIndex> contacts(NodeIndex newcomer);
  void at(double seconds, std::function<void()> call) { world_.after(ns(seconds), std::move(call)); }

  World& world_;
  const Scenario& scenario_;
  base::Random random_;
  double end_s_;
};

std::vector<NodeIndex> Plan::contacts(NodeIndex newcomer) {
  std::vector<NodeIndex> some;
  for (NodeIndex node = 0; node < founders; ++node) some.push_back(node);
  if (newcomer > founders && random_.chance(0.5)) some.push_back(static_cast<NodeIndex>(random_.below(newcomer)));
  shuffle(some, random_);
  return some;
}

// Nodes behind NAT are the last ones; the founders can always be reached, as bootstrap nodes must.
void Plan::first_nodes() {
  world_.network().set_weather(scenario_.weather);
  const double spread_s = std::min(end_s_ / 4, 0.02 * static_cast<double>(scenario_.nodes));
  for (NodeIndex node = 0; node < scenario_.nodes; ++node) {
    if (node >= founders && random_.chance(scenario_.faults.nat)) world_.network().put_behind_nat(node);
    const auto bootstrap = contacts(node);
    at(random_.unit() * spread_s, [this_world = &world_, node, bootstrap] { this_world->start(node, bootstrap); });
  }
}

void Plan::crashes() {
  for (std::size_t count = 0; count < scenario_.faults.crashes; ++count) {
    const NodeIndex node = any();
    const double when = some_time();
    const bool refuses = random_.chance(0.5);
    at(when, [w = &world_, node, refuses] { w->crash(node, refuses); });
    if (node >= founders && random_.chance(0.5)) continue;
    const auto bootstrap = contacts(node);
    const double back = std::min(when + random_.between(0.05, 20), end_s_);
    at(back, [w = &world_, node, bootstrap] {
      if (w->presence(node) == Presence::crashed) w->start(node, bootstrap);
    });
  }
}

void Plan::leaves() {
  for (std::size_t count = 0; count < scenario_.faults.leaves && scenario_.nodes > founders; ++count) {
    const auto node = static_cast<NodeIndex>(founders + random_.below(scenario_.nodes - founders));
    at(some_time(), [w = &world_, node] { w->leave(node); });
  }
}

void Plan::joins() {
  for (std::size_t count = 0; count < scenario_.faults.joins; ++count) {
    const auto node = static_cast<NodeIndex>(scenario_.nodes + count);
    const auto bootstrap = contacts(node);
    at(some_time(), [w = &world_, node, bootstrap] { w->start(node, bootstrap); });
  }
}

void Plan::stops() {
  for (std::size_t count = 0; count < scenario_.faults.stops; ++count) {
    const NodeIndex node = any();
    const double when = some_time();
    const bool timers_first = random_.chance(0.7);
    at(when, [w = &world_, node] { w->freeze(node); });
    at(std::min(when + random_.between(0.1, 20), end_s_), [w = &world_, node, timers_first] { w->thaw(node, timers_first); });
  }
}

void Plan::partitions() {
  double when = random_.between(0.1, end_s_);
  for (std::size_t count = 0; count < scenario_.faults.partitions && when < end_s_; ++count) {
    const std::size_t parts = 2 + random_.below(2);
    std::vector<std::uint8_t> part(world_.size());
    for (auto& of_node : part) of_node = static_cast<std::uint8_t>(random_.below(parts));
    const bool one_way = random_.chance(0.2);
    at(when, [w = &world_, part, one_way] {
      w->note(0, "the network is divided");
      w->network().divide(part, one_way);
    });
    when = std::min(when + random_.between(1, 40), end_s_);
    at(when, [w = &world_] {
      w->note(0, "the network is whole");
      w->network().heal();
    });
    when += random_.between(1, 20);
  }
}

void Plan::healing() {
  at(end_s_, [w = &world_] {
    w->note(0, "the faults end");
    w->network().set_weather({});
    w->network().heal();
  });
}

}  // namespace

std::size_t nodes_ever(const Scenario& scenario) { return scenario.nodes + scenario.faults.joins; }

void plan_faults(World& world, const Scenario& scenario, base::Random random) {
  Plan plan(world, scenario, random);
  plan.first_nodes();
  plan.crashes();
  plan.leaves();
  plan.joins();
  plan.stops();
  plan.partitions();
  plan.healing();
}

}  // namespace zel::simulation
