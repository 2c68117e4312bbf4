#include "daemon/deploy/host_plan.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace zel::deploy {

namespace {

std::string counted(std::uint32_t number, const char* what) {
  return std::to_string(number) + ' ' + what + (number == 1 ? "" : "s");
}

// Ranks that share cores are bound to as many as were granted; the others are for other jobs.
Topology first_cores(Topology topology, std::uint32_t granted) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> kept;  // package, core
  std::erase_if(topology.hwthreads, [&](const HardwareThread& t) {
    const std::pair core(t.package, t.core);
    if (kept.size() < granted) kept.insert(core);
    return !kept.contains(core);
  });
  return topology;
}

}  // namespace

base::Result<Placement> place_beside_others(const CoreBook& book, std::uint32_t configured, std::uint32_t granted,
                                            std::uint32_t ranks, const wire::run::PlacementWish& wish) {
  const bool fits = std::uint64_t{ranks} * wish.cores_per_rank <= granted;
  const std::string notice =
      fits ? "" : counted(ranks, "rank") + " share " + counted(granted, "core") + (wish.binding_given ? "" : ", unbound");
  const bool bind = wish.bind_to != wire::run::Binding::none && (wish.binding_given || (fits && configured == book.cores()));
  if (bind) {
    auto placed = place(fits ? book.free() : first_cores(book.free(), granted), ranks, wish);
    if (!placed && wish.binding_given) placed = place(book.all(), ranks, wish);
    if (placed && (placed->notice.empty() || wish.binding_given)) {
      if (placed->notice.empty()) placed->notice = notice;
      return placed;
    }
    if (wish.binding_given) return placed;
  }
  wire::run::PlacementWish unbound = wish;
  unbound.bind_to = wire::run::Binding::none;
  unbound.cores_per_rank = 1;
  auto placed = place(book.all(), ranks, unbound);
  if (placed) {
    placed->notice = notice;
    placed->threads_per_rank = fits ? std::max(1u, granted / ranks) : 1;
  }
  return placed;
}

}  // namespace zel::deploy
