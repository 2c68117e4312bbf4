#include "tests/simulation/liveness.hpp"

#include <set>
#include <vector>

namespace zel::simulation {

namespace {

std::string name(NodeIndex node) { return "n" + std::to_string(node); }

std::vector<NodeIndex> all_up(const World& world) {
  std::vector<NodeIndex> up;
  for (NodeIndex node = 0; node < world.size(); ++node) {
    if (world.runs(node)) up.push_back(node);
  }
  return up;
}

using Graph = std::vector<std::vector<NodeIndex>>;

// Strong connection: from the first node to all, along the arrows and against them.
NodeIndex not_reached(const Graph& graph, const std::vector<NodeIndex>& up) {
  std::vector<bool> seen(graph.size());
  std::vector<NodeIndex> open{up.front()};
  seen[up.front()] = true;
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    for (const NodeIndex next : graph[node]) {
      if (!seen[next]) open.push_back(next);
      seen[next] = true;
    }
  }
  for (const NodeIndex node : up) {
    if (!seen[node]) return node;
  }
  return static_cast<NodeIndex>(graph.size());
}

std::string wrongly_held(const World& world, NodeIndex node) {
  for (const auto& known : world.peer(node).overlay().known()) {
    const NodeIndex other = world.index_of(known.record.id);
    const bool held_alive = known.state == overlay::PeerState::alive || known.state == overlay::PeerState::suspect;
    if (held_alive && !world.runs(other)) return name(node) + " holds " + name(other) + " alive, which is gone";
    if (!held_alive && world.runs(other)) return name(node) + " holds " + name(other) + " dead, which is alive";
    // That a live node is suspected is no fault: where messages go on being lost, somebody always is. It objects.
  }
  return {};
}

}  // namespace

std::string unreachable_node(const World& world) {
  const auto up = all_up(world);
  if (up.size() < 2) return {};
  Graph forward(world.size());
  Graph backward(world.size());
  for (const NodeIndex node : up) {
    const auto add = [&](const auto& records) {
      for (const auto* record : records) {
        const NodeIndex other = world.index_of(record->id);
        if (!world.runs(other)) continue;
        forward[node].push_back(other);
        backward[other].push_back(node);
      }
    };
    add(world.peer(node).overlay().view());
    add(world.peer(node).overlay().neighbours());
  }
  if (const NodeIndex lost = not_reached(forward, up); lost < world.size()) {
    return name(lost) + " is in no view that can be reached from " + name(up.front());
  }
  if (const NodeIndex lost = not_reached(backward, up); lost < world.size()) {
    return name(lost) + " reaches no view that leads to " + name(up.front());
  }
  return {};
}

std::string still_missing(const World& world, const Workload& workload, const Ledger& ledger) {
  if (workload.unfinished() > 0) return std::to_string(workload.unfinished()) + " jobs have not ended";
  if (ledger.size() > 0) return std::to_string(ledger.size()) + " leases are still used though every job is over";
  const auto up = all_up(world);
  for (const NodeIndex node : up) {
    const auto& scheduler = world.peer(node).scheduler();
    if (scheduler.free_cores() != scheduler.total_cores()) {
      return name(node) + " has " + std::to_string(scheduler.free_cores()) + " of " +
             std::to_string(scheduler.total_cores()) + " cores free though every job is over: a lease leaked";
    }
  }
  if (auto lost = unreachable_node(world); !lost.empty()) return lost;
  for (const NodeIndex node : up) {
    if (auto wrong = wrongly_held(world, node); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace zel::simulation
