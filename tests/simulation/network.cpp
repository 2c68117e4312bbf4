#include "tests/simulation/network.hpp"

#include <utility>

namespace zel::simulation {

Network::Network(Terrain terrain, std::size_t nodes, base::Random random)
    : terrain_(std::move(terrain)), random_(random), nat_(nodes) {}

void Network::divide(std::vector<std::uint8_t> part_of_node, bool one_way) {
  part_ = std::move(part_of_node);
  one_way_ = one_way;
}

bool Network::divided(std::uint32_t from, std::uint32_t to) const {
  if (part_.empty() || part_[from] == part_[to]) return false;
  return !(one_way_ && part_[from] == 0);
}

bool Network::passes(std::uint32_t from, std::uint32_t to, std::int64_t now_ns) const {
  if (divided(from, to)) return false;
  if (!nat_[to].is_behind) return true;
  const auto opened = nat_[to].opened_ns.find(from);
  return opened != nat_[to].opened_ns.end() && now_ns - opened->second < nat_memory_ns;
}

Network::Fate Network::send(std::uint32_t from, std::uint32_t to, std::int64_t now_ns) {
  Fate fate;
  if (nat_[from].is_behind) {
    auto& opened = nat_[from].opened_ns;
    if (opened.size() > 1024) std::erase_if(opened, [&](const auto& entry) { return now_ns - entry.second >= nat_memory_ns; });
    opened[to] = now_ns;
  }
  if (!passes(from, to, now_ns)) {
    fate.hint = weather_.hint > 0 && random_.chance(weather_.hint);
    return fate;
  }
  if (weather_.loss > 0 && random_.chance(weather_.loss)) return fate;
  fate.copies = weather_.duplicate > 0 && random_.chance(weather_.duplicate) ? 2 : 1;
  for (int copy = 0; copy < fate.copies; ++copy) {
    double ns = static_cast<double>(delay_ns(from, to)) * (1 + weather_.jitter * random_.unit());
    if (weather_.late > 0 && random_.chance(weather_.late)) ns += random_.unit() * 1e9;
    fate.delay_ns[copy] = static_cast<std::int64_t>(ns);
  }
  return fate;
}

}  // namespace zel::simulation
