// Why: does gossip know how large the network is, and how long until a newcomer is known, also when half of all
// messages are lost or most nodes are behind NAT? One JSON line. Usage: --nodes N --loss L --nat P --seed S.
#include "bench/overlay/grown_network.hpp"

namespace {

using namespace zel;  // a program of few lines
using bench::GrownNetwork;
using simulation::NodeIndex;

constexpr double step_s = 0.25;
constexpr double patience_s = 120;

struct Arrival {
  double known_half_s = -1, known_most_s = -1, full_s = -1;
};

std::size_t views_with(simulation::World& world, const base::NodeId& id, NodeIndex self) {
  std::size_t count = 0;
  for (NodeIndex node = 0; node < world.size(); ++node) {
    if (node == self || !world.is_up(node)) continue;
    const auto view = world.peer(node).overlay().view();
    if (std::any_of(view.begin(), view.end(), [&](const auto* record) { return record->id == id; })) ++count;
  }
  return count;
}

// A node is expected in as many views as a view has nodes; where there are fewer, in all.
Arrival arrive(GrownNetwork& network, NodeIndex newcomer, double now_s, std::size_t share) {
  auto& world = network.world();
  network.start_at(newcomer, now_s);
  const auto wanted = static_cast<double>(share);
  Arrival arrival;
  for (double at = step_s; at <= patience_s && (arrival.known_most_s < 0 || arrival.full_s < 0); at += step_s) {
    network.run_until(now_s + at);
    const auto known = static_cast<double>(views_with(world, world.id(newcomer), newcomer));
    if (arrival.known_half_s < 0 && known >= 0.5 * wanted) arrival.known_half_s = at;
    if (arrival.known_most_s < 0 && known >= 0.9 * wanted) arrival.known_most_s = at;
    if (arrival.full_s < 0 && static_cast<double>(world.peer(newcomer).overlay().view().size()) >= 0.95 * wanted) arrival.full_s = at;
  }
  return arrival;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Growth growth;
  growth.nodes = static_cast<std::size_t>(bench::option(argc, argv, "nodes", 100));
  growth.loss = bench::option(argc, argv, "loss", 0);
  growth.nat = bench::option(argc, argv, "nat", 0);
  growth.seed = static_cast<std::uint64_t>(bench::option(argc, argv, "seed", 1));
  growth.newcomers = static_cast<std::size_t>(bench::option(argc, argv, "newcomers", 3));
  const double grown_s = bench::option(argc, argv, "grown", 300);
  GrownNetwork network(growth);
  network.run_until(grown_s);
  auto& world = network.world();
  std::vector<double> sizes, public_share;
  std::vector<std::size_t> in_views(world.size());
  for (NodeIndex node = 0; node < growth.nodes; ++node) {
    sizes.push_back(world.peer(node).overlay().perceived_size());
    for (const auto* record : world.peer(node).overlay().view()) ++in_views[world.index_of(record->id)];
  }
  const std::size_t unknown = static_cast<std::size_t>(
      std::count(in_views.begin(), in_views.begin() + static_cast<std::ptrdiff_t>(growth.nodes), 0u));
  const std::size_t share = std::min(growth.nodes - 1, world.setup().overlay.view_size);
  std::vector<double> half, most, full;
  double now_s = grown_s;
  for (std::size_t count = 0; count < growth.newcomers; ++count) {
    const Arrival arrival = arrive(network, static_cast<NodeIndex>(growth.nodes + count), now_s, share);
    now_s = world.now_s();
    half.push_back(arrival.known_half_s);
    most.push_back(arrival.known_most_s);
    full.push_back(arrival.full_s);
  }
  std::printf("{\"nodes\": %zu, \"loss\": %g, \"nat\": %g, \"perceived_p10\": %.1f, \"perceived\": %.1f, \"perceived_p90\": %.1f, "
              "\"in_no_view\": %zu, \"known_half_s\": %.2f, \"known_most_s\": %.2f, \"full_view_s\": %.2f}\n",
              growth.nodes, growth.loss, growth.nat, bench::quantile(sizes, 0.1), bench::quantile(sizes, 0.5),
              bench::quantile(sizes, 0.9), unknown, bench::quantile(half, 0.5), bench::quantile(most, 0.5),
              bench::quantile(full, 0.5));
  return 0;
}
