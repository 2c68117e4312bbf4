// Why: what does being a node cost, in bytes sent and in memory, and does it grow with the network? One JSON line.
// Usage: --nodes N --rest SECONDS --seed S.
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "bench/overlay/grown_network.hpp"

namespace {

using namespace zel;  // a program of few lines

double resident_bytes() {
  std::ifstream file("/proc/self/statm");
  double size = 0;
  double resident = 0;
  file >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

int main(int argc, char** argv) {
  const auto start = std::chrono::steady_clock::now();
  bench::Growth growth;
  growth.nodes = static_cast<std::size_t>(bench::option(argc, argv, "nodes", 100));
  growth.seed = static_cast<std::uint64_t>(bench::option(argc, argv, "seed", 1));
  const double rest_s = bench::option(argc, argv, "rest", 240);
  const double empty_bytes = resident_bytes();
  bench::GrownNetwork network(growth);
  const auto nodes = static_cast<double>(growth.nodes);
  network.run_until(60);
  const double first_bytes = network.world().traffic().bytes();
  network.run_until(rest_s);
  const auto before = network.world().traffic();
  network.run_until(rest_s + 60);
  const auto& after = network.world().traffic();
  std::vector<double> views;
  for (simulation::NodeIndex node = 0; node < growth.nodes; ++node) {
    views.push_back(static_cast<double>(network.world().peer(node).overlay().view().size()));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("{\"nodes\": %zu, \"first_minute_bytes_per_s\": %.1f, \"bytes_per_s\": %.1f, \"messages_per_s\": %.3f, "
              "\"memory_bytes\": %.0f, \"view_p10\": %.0f, \"took_s\": %.1f",
              growth.nodes, first_bytes / nodes / 60, (after.bytes() - before.bytes()) / nodes / 60,
              static_cast<double>(after.count() - before.count()) / nodes / 60, (resident_bytes() - empty_bytes) / nodes,
              bench::quantile(views, 0.1), took.count());
  for (std::size_t kind = 0; kind < 6; ++kind) {
    std::printf(", \"%s_bytes_per_s\": %.1f", simulation::Traffic::name_of(kind), (after.bytes(kind) - before.bytes(kind)) / nodes / 60);
  }
  std::printf("}\n");
  return 0;
}
