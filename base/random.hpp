// Why: engines are handed their randomness, so that a run can be repeated from its seed. The standard's
// distributions differ between libraries; these few do not. Small, since a simulation holds 100,000 of them.
// Not for keys: those come from the operating system.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace zel::base {

/// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Meets UniformRandomBitGenerator.
class Random {
 public:
  using result_type = std::uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }

  explicit Random(std::uint64_t seed) : state_(seed) {}

  result_type operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [0, bound); 0 when bound is 0.
  std::size_t below(std::size_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::size_t>((static_cast<Wide>((*this)()) * bound) >> 64);
  }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  bool chance(double probability) { return unit() < probability; }
  /// Standard normal, by Box and Muller.
  double normal() {
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * 3.14159265358979323846 * unit());
  }
  /// A generator that goes its own way from here.
  Random split() { return Random((*this)()); }

 private:
  std::uint64_t state_;
};

/// Puts the items of a random-access container in random order.
template <class Container>
void shuffle(Container& items, Random& random) {
  for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random.below(i)]);
}

}  // namespace zel::base
