#include "daemon/deploy/seats.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>

namespace zel::deploy {
namespace {

using wire::run::Binding;
using wire::run::Mapping;

enum class Level { core, numa, package, host };
using Key = std::pair<std::uint32_t, std::uint32_t>;

/// What two hardware threads share when they are in the same core, NUMA node, package or host.
Key key(const HardwareThread& t, Level level) {
  switch (level) {
    case Level::core: return {t.package, t.core};
    case Level::numa: return {t.numa, 0};
    case Level::package: return {t.package, 0};
    case Level::host: break;
  }
  return {0, 0};
}

/// Cuts neighbours of one level into seats of `per_rank` units; what does not fill a seat is the answer.
std::vector<Threads> cut(std::vector<Threads> units, Level level, std::uint32_t per_rank,
                         std::vector<Threads>& seats) {
  std::vector<Threads> rest;
  for (std::size_t begin = 0; begin < units.size();) {
    const Key same = key(units[begin].front(), level);
    std::size_t end = begin + 1;
    while (end < units.size() && key(units[end].front(), level) == same) ++end;
    for (; end - begin >= per_rank; begin += per_rank) {
      Threads& seat = seats.emplace_back();
      for (std::size_t i = begin; i < begin + per_rank; ++i) {
        seat.insert(seat.end(), units[i].begin(), units[i].end());
      }
    }
    for (; begin < end; ++begin) rest.push_back(std::move(units[begin]));
  }
  return rest;
}

/// The first seat of every group, then the second of every group that has one, and so on.
std::vector<Threads> round_robin(std::vector<Threads> seats, Level level) {
  std::map<Key, std::size_t> group_of;
  std::vector<std::vector<Threads>> groups;
  for (Threads& seat : seats) {
    const auto [found, is_new] = group_of.try_emplace(key(seat.front(), level), groups.size());
    if (is_new) groups.emplace_back();
    groups[found->second].push_back(std::move(seat));
  }
  std::vector<Threads> order;
  order.reserve(seats.size());
  for (std::size_t turn = 0; order.size() < seats.size(); ++turn) {
    for (auto& group : groups) {
      if (turn < group.size()) order.push_back(std::move(group[turn]));
    }
  }
  return order;
}

/// Every seat as many times in a row as ranks with one hardware thread per core fit into it.
std::vector<Threads> repeated_per_hwthread(const std::vector<Threads>& seats) {
  std::vector<Threads> order;
  for (const Threads& seat : seats) {
    std::size_t times = seat.size();
    for (const Threads& core : cores_of(seat)) times = std::min(times, core.size());
    order.insert(order.end(), times, seat);
  }
  return order;
}

}  // namespace

Threads in_order(const Topology& topology) {
  Threads threads = topology.hwthreads;
  std::sort(threads.begin(), threads.end(), [](const HardwareThread& a, const HardwareThread& b) {
    return std::tie(a.package, a.numa, a.core, a.thread, a.cpu) <
           std::tie(b.package, b.numa, b.core, b.thread, b.cpu);
  });
  return threads;
}

std::vector<Threads> cores_of(const Threads& threads) {
  std::vector<Threads> cores;
  for (const HardwareThread& t : threads) {
    if (cores.empty() || key(cores.back().front(), Level::core) != key(t, Level::core)) cores.emplace_back();
    cores.back().push_back(t);
  }
  return cores;
}

std::vector<Threads> mapped_seats(const Threads& threads, Binding bind_to, Mapping map_by,
                                  std::uint32_t per_rank) {
  std::vector<Threads> units;
  if (bind_to == Binding::hwthread) {
    for (const HardwareThread& t : threads) units.push_back({t});
  } else {
    units = cores_of(threads);
  }
  std::vector<Threads> seats;
  for (const Level level : std::array{Level::core, Level::numa, Level::package, Level::host}) {
    units = cut(std::move(units), level, per_rank, seats);
  }
  if (map_by == Mapping::hwthread) {
    return bind_to == Binding::hwthread ? seats : repeated_per_hwthread(seats);
  }
  seats = round_robin(std::move(seats), Level::core);
  if (map_by == Mapping::numa) return round_robin(std::move(seats), Level::numa);
  if (map_by == Mapping::package) return round_robin(std::move(seats), Level::package);
  return seats;
}

Threads widened_to_numa(const Threads& seat, const Threads& threads) {
  std::vector<std::uint32_t> nodes;
  for (const HardwareThread& t : seat) {
    if (nodes.empty() || nodes.back() != t.numa) nodes.push_back(t.numa);
  }
  Threads wide;
  for (const HardwareThread& t : threads) {
    if (std::find(nodes.begin(), nodes.end(), t.numa) != nodes.end()) wide.push_back(t);
  }
  return wide;
}

}  // namespace zel::deploy
