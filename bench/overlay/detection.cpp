// Why: how long does the network believe in a node that was killed, how often does it bury one that lives, and
// what does a bad network make the failure detector cost? One JSON line.
// Usage: --nodes N --loss L --preset 0|1|2 (local, lan, wan) --kills K --grown SECONDS --watch SECONDS --seed S.
#include <map>

#include "bench/overlay/grown_network.hpp"

namespace {

using namespace zel;  // a program of few lines
using overlay::PeerChanged;
using simulation::NodeIndex;

/// When nodes learnt that another died, and how often that was not so.
class Deaths : public simulation::Watcher {
 public:
  explicit Deaths(simulation::World& world) : world_(world) {}
  void on_action(NodeIndex, const simulation::PeerAction& action) override {
    const auto* changed = std::get_if<PeerChanged>(&action);
    if (changed == nullptr) return;
    const NodeIndex subject = world_.index_of(changed->peer.id);
    if (changed->what == PeerChanged::What::suspected) ++suspected;
    if (changed->what != PeerChanged::What::died) return;
    if (world_.is_up(subject)) {
      ++wrong;
      return;
    }
    if (first.emplace(subject, world_.now_s()).second) ++buried;
    last[subject] = world_.now_s();
  }
  std::map<NodeIndex, double> first, last;
  std::uint64_t suspected = 0, wrong = 0, buried = 0;

 private:
  simulation::World& world_;
};

overlay::Config preset(double number) {
  if (number < 1) return overlay::Config::local();
  return number < 2 ? overlay::Config::lan() : overlay::Config::wan();
}

}  // namespace

int main(int argc, char** argv) {
  bench::Growth growth;
  growth.nodes = static_cast<std::size_t>(bench::option(argc, argv, "nodes", 100));
  growth.loss = bench::option(argc, argv, "loss", 0);
  growth.seed = static_cast<std::uint64_t>(bench::option(argc, argv, "seed", 1));
  growth.config = preset(bench::option(argc, argv, "preset", 1));
  growth.terrain = simulation::TerrainKind::lan;
  const auto kills = static_cast<std::size_t>(bench::option(argc, argv, "kills", 6));
  const double grown_s = bench::option(argc, argv, "grown", 120);
  const double watch_s = bench::option(argc, argv, "watch", 60);
  bench::GrownNetwork network(growth);
  auto& world = network.world();
  Deaths deaths(world);
  world.add(deaths);
  network.run_until(grown_s);
  const auto before = world.traffic();
  const std::uint64_t wrong_before = deaths.wrong;
  const std::uint64_t suspected_before = deaths.suspected;
  network.run_until(grown_s + watch_s);
  const auto after = world.traffic();
  const double node_s = static_cast<double>(growth.nodes) * watch_s;
  const double wrong = static_cast<double>(deaths.wrong - wrong_before);
  const double suspected = static_cast<double>(deaths.suspected - suspected_before);
  // One after the other, at any moment of a second, all of them away from the contacts.
  std::vector<double> heard, all, kept;
  for (std::size_t kill = 0; kill < kills; ++kill) {
    const auto victim = static_cast<NodeIndex>(growth.nodes - 1 - kill);
    const double at_s = world.now_s() + network.random().unit();
    network.run_until(at_s);
    world.crash(victim, false);
    network.run_until(at_s + watch_s);
    heard.push_back(deaths.first.contains(victim) ? deaths.first[victim] - at_s : -1);
    all.push_back(deaths.last.contains(victim) ? deaths.last[victim] - at_s : -1);
    double keepers = 0;
    for (NodeIndex node = 0; node < growth.nodes; ++node) {
      if (!world.is_up(node)) continue;
      const auto known = world.peer(node).overlay().find(world.id(victim));
      if (known && known->state != overlay::PeerState::dead) ++keepers;
    }
    kept.push_back(keepers);
  }
  std::printf("{\"nodes\": %zu, \"loss\": %g, \"messages_per_s\": %.2f, \"bytes_per_s\": %.0f, \"suspected_per_node_hour\": %.3f, "
              "\"wrong_deaths_per_node_hour\": %.3f, \"first_s\": %.2f, \"all_median_s\": %.2f, \"all_worst_s\": %.2f, "
              "\"still_believed_in_by\": %.0f}\n",
              growth.nodes, growth.loss, static_cast<double>(after.count() - before.count()) / node_s,
              (after.bytes() - before.bytes()) / node_s, suspected * 3600 / node_s, wrong * 3600 / node_s,
              bench::quantile(heard, 0.5), bench::quantile(all, 0.5), bench::quantile(all, 1.0), bench::quantile(kept, 1.0));
  return 0;
}
