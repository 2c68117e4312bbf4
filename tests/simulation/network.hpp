// Why: everything that can happen to a message between two nodes, decided in one place from one seed: it takes
// time, comes twice, comes late, or does not come, because it was lost, because the network is in parts, or
// because nothing can be sent to a node behind NAT that did not send first.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"
#include "tests/simulation/terrain.hpp"

namespace zel::simulation {

struct Weather {
  double jitter = 0.1;       // of the delay, at most
  double loss = 0;           // of messages
  double duplicate = 0;
  double late = 0;           // of messages: these take up to a second more, so that later ones overtake them
  double hint = 0;           // of sends that cannot arrive: the sender is told that it could not reach the other
};

class Network {
 public:
  Network(Terrain terrain, std::size_t nodes, base::Random random);

  struct Fate {
    int copies = 0;            // 0: does not arrive
    std::int64_t delay_ns[2] = {};
    bool hint = false;         // the sender learns that it did not arrive
  };
  Fate send(std::uint32_t from, std::uint32_t to, std::int64_t now_ns);
  /// Whether a message could pass now, losses apart.
  bool passes(std::uint32_t from, std::uint32_t to, std::int64_t now_ns) const;
  /// One way, without jitter.
  std::int64_t delay_ns(std::uint32_t from, std::uint32_t to) const { return terrain_.round_trip(from, to).count() / 2; }

  void set_weather(const Weather& weather) { weather_ = weather; }
  const Weather& weather() const { return weather_; }
  /// Nodes of different parts do not hear each other. With `one_way`, what part 0 says is still heard.
  void divide(std::vector<std::uint8_t> part_of_node, bool one_way);
  void heal() { part_.clear(); }
  void put_behind_nat(std::uint32_t node) { nat_[node].is_behind = true; }
  bool behind_nat(std::uint32_t node) const { return nat_[node].is_behind; }
  const Terrain& terrain() const { return terrain_; }

 private:
  // A NAT forgets who may answer after 60 s, as common ones do.
  static constexpr std::int64_t nat_memory_ns = 60'000'000'000;
  struct Nat {
    bool is_behind = false;
    std::unordered_map<std::uint32_t, std::int64_t> opened_ns;  // by whom it sent to
  };
  bool divided(std::uint32_t from, std::uint32_t to) const;

  Terrain terrain_;
  base::Random random_;
  Weather weather_;
  std::vector<std::uint8_t> part_;   // of each node; empty: not divided
  bool one_way_ = false;
  std::vector<Nat> nat_;
};

}  // namespace zel::simulation
