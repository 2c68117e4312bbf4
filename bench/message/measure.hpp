// Why: zel_message and fork_message ask the same questions; only how their ranks come to be differs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <span>
#include <vector>

#include "zel/messages.hpp"

namespace zel::bench {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The best of several repeats: what disturbs a run only ever makes it slower.
constexpr int repeats = 6;

inline void ping_pong(Messages& messages, int rank, int size, std::size_t bytes) {
  std::vector<std::byte> buffer(bytes, std::byte{1});
  const int rounds = bytes <= 1024 ? 20'000 : bytes <= 65'536 ? 3000 : bytes <= (1 << 20) ? 400 : 100;
  double best = 1e9;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    messages.barrier();
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds && rank < 2; ++round) {
      if (rank == 0) messages.send_bytes(1, buffer);
      messages.receive_bytes(buffer, 1 - rank);
      if (rank == 1) messages.send_bytes(0, buffer);
    }
    best = std::min(best, seconds_since(start) / rounds / 2);
  }
  if (rank != 0) return;
  std::printf("{\"what\":\"message\",\"bytes\":%zu,\"ranks\":%d,\"one_way_us\":%.4f,\"gb_per_s\":%.3f}\n", bytes, size,
              best * 1e6, static_cast<double>(bytes) / best / 1e9);
  std::fflush(stdout);
}

inline void barriers(Messages& messages, int rank, int size) {
  const int rounds = 500;
  double best = 1e9;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    messages.barrier();
    const auto start = std::chrono::steady_clock::now();
    for (int round = 0; round < rounds; ++round) messages.barrier();
    best = std::min(best, seconds_since(start) / rounds);
  }
  if (rank == 0) std::printf("{\"what\":\"barrier\",\"ranks\":%d,\"us\":%.4f}\n", size, best * 1e6);
}

inline void measure_all(Messages& messages, int rank, int size) {
  if (size == 2) {
    for (std::size_t bytes = 8; bytes <= (4u << 20); bytes *= 8) ping_pong(messages, rank, size, bytes);
    ping_pong(messages, rank, size, 1u << 20);
    ping_pong(messages, rank, size, 4u << 20);
  }
  barriers(messages, rank, size);
  messages.barrier();
}

}  // namespace zel::bench
