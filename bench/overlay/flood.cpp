// Why: what does it cost to find cores without a centre, and are the near ones found? One JSON line for each part
// of the network that is asked for. Usage: --nodes N --busy PART --seed S.
#include "bench/overlay/grown_network.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/workload.hpp"

namespace {

using namespace zel;  // a program of few lines
using simulation::NodeIndex;
using simulation::Workload;

constexpr double grown_s = 180;
constexpr std::int64_t for_ever_ns = std::int64_t{1} << 60;

struct Rounds : simulation::Watcher {
  std::uint32_t rounds = 0;
  std::uint64_t requests = 0;
  void on_sent(NodeIndex, const wire::overlay::PeerRecord&, const simulation::PeerMessage& message) override {
    const auto* order = std::get_if<wire::schedule::Message>(&message);
    const auto* request = order != nullptr ? std::get_if<wire::schedule::Request>(order) : nullptr;
    if (request == nullptr) return;
    ++requests;
    rounds = std::max(rounds, request->round + 1);
  }
};

std::uint64_t scheduling_messages(const simulation::World& world) {
  std::uint64_t sum = 0;
  for (std::size_t kind = 6; kind < simulation::Traffic::kinds; ++kind) sum += world.traffic().messages[kind];
  return sum;
}

double scheduling_bytes(const simulation::World& world) {
  double sum = 0;
  for (std::size_t kind = 6; kind < simulation::Traffic::kinds; ++kind) sum += world.traffic().bytes(kind);
  return sum;
}

schedule::Wanted cores(std::uint32_t count, double wait_s) {
  schedule::Wanted wanted;
  wanted.ranks = count;
  wanted.wait = base::Duration(bench::ns(wait_s));
  return wanted;
}

// Jobs that stay, each on the node that seeks it: as a network is that many use.
void make_busy(bench::GrownNetwork& network, Workload& workload, double part) {
  auto& world = network.world();
  for (NodeIndex node = 0; node < world.size(); ++node) {
    if (!network.random().chance(part)) continue;
    auto wanted = cores(world.cores(node), 5);
    wanted.requirements.hosts = {"n" + std::to_string(node)};
    wanted.metric = wire::schedule::Metric::hops;  // asks no more than its neighbours for what it has itself
    wanted.hops = 1;
    workload.submit(node, wanted, for_ever_ns);
    world.run_until(world.now_ns() + 1'000'000);
  }
  world.run_until(world.now_ns() + bench::ns(30));
}

// Mean distance of so many cores, when the nearest free ones are taken.
double best_mean_ms(simulation::World& world, NodeIndex seeker, std::uint32_t count) {
  std::vector<std::pair<double, std::uint32_t>> free;
  for (NodeIndex node = 0; node < world.size(); ++node) {
    const double ms = node == seeker ? 0 : base::seconds(world.network().terrain().round_trip(seeker, node)) * 1e3;
    free.emplace_back(ms, world.peer(node).scheduler().free_cores());
  }
  std::sort(free.begin(), free.end());
  double sum = 0;
  std::uint32_t left = count;
  for (const auto& [ms, there] : free) {
    const std::uint32_t taken = std::min(left, there);
    sum += ms * taken;
    left -= taken;
  }
  return sum / count;
}

double mean_ms(const simulation::World& world, const Workload::Job& job) {
  double sum = 0;
  double count = 0;
  for (const auto& held : job.held) {
    const double ms = held.host == job.seeker ? 0 : base::seconds(world.network().terrain().round_trip(job.seeker, held.host)) * 1e3;
    sum += ms * held.grant.cores;
    count += held.grant.cores;
  }
  return count > 0 ? sum / count : 0;
}

void allocate(bench::GrownNetwork& network, Workload& workload, Rounds& rounds, double part, double busy) {
  auto& world = network.world();
  std::uint64_t total = 0;
  for (NodeIndex node = 0; node < world.size(); ++node) total += world.cores(node);
  const auto wanted = std::max(1u, static_cast<std::uint32_t>(part * (1 - busy) * static_cast<double>(total)));
  const auto seeker = static_cast<NodeIndex>(network.random().below(world.size()));
  const double best = best_mean_ms(world, seeker, wanted);
  const std::uint64_t messages = scheduling_messages(world);
  const double bytes = scheduling_bytes(world);
  rounds.rounds = 0;
  rounds.requests = 0;
  const std::size_t number = workload.submit(seeker, cores(wanted, 120), bench::ns(1));
  const Workload::Job& job = workload.jobs()[number];
  while (job.state == Workload::State::seeking) world.run_until(world.now_ns() + bench::ns(0.05));
  world.run_until(world.now_ns() + bench::ns(1));
  std::printf("{\"nodes\": %zu, \"busy\": %g, \"part\": %g, \"cores\": %u, \"found\": %s, \"rounds\": %u, \"requests\": %llu, "
              "\"messages\": %llu, \"bytes\": %.0f, \"seconds\": %.3f, \"hosts\": %zu, \"mean_ms\": %.3f, \"best_mean_ms\": %.3f}\n",
              world.size(), busy, part, wanted, job.was_found ? "true" : "false", rounds.rounds,
              static_cast<unsigned long long>(rounds.requests),
              static_cast<unsigned long long>(scheduling_messages(world) - messages), scheduling_bytes(world) - bytes,
              static_cast<double>(job.answered_ns - job.sought_ns) * 1e-9, job.held.size(), mean_ms(world, job), best);
  std::fflush(stdout);
  world.run_until(world.now_ns() + bench::ns(30));
}

}  // namespace

int main(int argc, char** argv) {
  bench::Growth growth;
  growth.nodes = static_cast<std::size_t>(bench::option(argc, argv, "nodes", 100));
  growth.seed = static_cast<std::uint64_t>(bench::option(argc, argv, "seed", 1));
  const double busy = bench::option(argc, argv, "busy", 0);
  bench::GrownNetwork network(growth);
  simulation::Ledger ledger(growth.nodes);
  Workload workload(network.world(), ledger, network.random().split());
  Rounds rounds;
  network.world().add(workload);
  network.world().add(rounds);
  network.run_until(grown_s);
  make_busy(network, workload, busy);
  for (const double part : {0.01, 0.1, 0.5}) allocate(network, workload, rounds, part, busy);
  return 0;
}
