// Why: zel and its peers are asked the same questions between two hosts, with as many messages.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

namespace zel::bench {

struct Figure {
  std::size_t bytes;
  bool one_way;  // many under way, or one to and fro
  int times;
};

/// `what` "small": 8 bytes only; "posts": no more than what is quick through nodes.
inline std::vector<Figure> figures(std::string_view what) {
  std::vector<Figure> all{{8, false, 3000}};
  if (what == "small") return all;
  all.insert(all.end(), {{1024, false, 2000}, {65'536, false, 400}, {1u << 20, false, 40}, {8, true, 20'000}, {1u << 20, true, 48}});
  if (what != "posts") all.push_back({16u << 20, false, 4});
  return all;
}

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Seconds of one message: the best of several repeats, as what disturbs a run only ever makes it slower.
template <class Run>
double best_of(const Figure& figure, Run&& run) {
  constexpr int repeats = 4;
  double best = 1e9;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    run(figure.times);
    best = std::min(best, seconds_since(start) / figure.times / (figure.one_way ? 1 : 2));
  }
  return best;
}

inline void tell(const char* what, std::size_t bytes, double seconds) {
  std::printf("{\"what\":\"%s\",\"bytes\":%zu,\"ranks\":2,\"us\":%.4f}\n", what, bytes, seconds * 1e6);
  std::fflush(stdout);
}
inline void tell(const Figure& figure, double seconds) { tell(figure.one_way ? "rate" : "message", figure.bytes, seconds); }

}  // namespace zel::bench
