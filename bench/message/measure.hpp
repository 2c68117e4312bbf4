// Why: zel_message and fork_message ask the same questions; only how their ranks come to be differs.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <span>
#include <vector>

#include "zel/group.hpp"
#include "zel/messages.hpp"

namespace zel::bench {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The best of several repeats: what disturbs a run only ever makes it slower.
constexpr int repeats = 6;
constexpr std::size_t largest = 16u << 20;
constexpr int window = 64;  // messages under way in the rate test

/// Fewer when the machine is so slow that one takes a second: rank 0 decides, as with the MPIs.
inline double best_of(Messages& messages, int rounds, const std::function<void(int rounds)>& run) {
  Group all(messages);
  double best = 1e9;
  bool enough = false;
  for (int repeat = 0; repeat < repeats && !enough; ++repeat) {
    messages.barrier();
    const auto start = std::chrono::steady_clock::now();
    run(rounds);
    const double seconds = seconds_since(start);
    best = std::min(best, seconds / rounds);
    enough = seconds > 1.0;
    all.broadcast(enough, 0);
  }
  return best;
}

inline void tell(int rank, const char* what, std::size_t bytes, int size, double seconds) {
  if (rank != 0) return;
  std::printf("{\"what\":\"%s\",\"bytes\":%zu,\"ranks\":%d,\"us\":%.4f}\n", what, bytes, size, seconds * 1e6);
  std::fflush(stdout);
}

inline void ping_pong(Messages& messages, int rank, int size, std::size_t bytes) {
  std::vector<std::byte> buffer(bytes, std::byte{1});
  const int rounds = bytes <= 1024 ? 20'000 : bytes <= 65'536 ? 2000 : bytes <= (1 << 20) ? 200 : 20;
  const double both_ways = best_of(messages, rounds, [&](int times) {
    for (int round = 0; round < times && rank < 2; ++round) {
      if (rank == 0) messages.send_bytes(1, buffer);
      messages.receive_bytes(buffer, 1 - rank);
      if (rank == 1) messages.send_bytes(0, buffer);
    }
  });
  tell(rank, "message", bytes, size, both_ways / 2);
}

/// Time per message when many are under way: 64 begun, all waited for, one small answer.
inline void rate(Messages& messages, int rank, int size, std::size_t bytes) {
  std::vector<std::byte> buffers(bytes * window, std::byte{1});
  std::vector<Request> requests(window);
  const double windows = best_of(messages, bytes <= 1024 ? 1000 : 30, [&](int times) {
    for (int round = 0; round < times; ++round) {
      for (std::size_t at = 0; at < window; ++at) {
        const auto bytes_here = std::span(buffers).subspan(at * bytes, bytes);
        requests[at] = rank == 0 ? messages.isend_bytes(1, bytes_here, 1) : messages.ireceive_bytes(bytes_here, 0, 1);
      }
      wait_all(requests);
      if (rank == 0) messages.receive<int>(1, 2);
      else messages.send(0, round, 2);
    }
  });
  tell(rank, "rate", bytes, size, windows / window);
}

inline void allreduces(Messages& messages, int rank, int size, std::size_t bytes) {
  Group all(messages);
  std::vector<double> values(bytes / sizeof(double), rank);
  tell(rank, "allreduce", bytes, size, best_of(messages, bytes <= 64 ? 500 : 100, [&](int times) {
    for (int round = 0; round < times; ++round) all.allreduce(std::span(values), maximum);
  }));
}

inline void barriers(Messages& messages, int rank, int size) {
  tell(rank, "barrier", 0, size, best_of(messages, 500, [&](int times) {
    for (int round = 0; round < times; ++round) messages.barrier();
  }));
}

/// Messages of all sizes, or of `only_bytes` if that is not 0, their rate; barriers and allreduces.
inline void measure_all(Messages& messages, int rank, int size, std::size_t only_bytes) {
  if (size == 2 && only_bytes != 0) {
    ping_pong(messages, rank, size, only_bytes);
  } else if (size == 2) {
    for (std::size_t bytes = 8; bytes <= largest; bytes *= 8) ping_pong(messages, rank, size, bytes);
    ping_pong(messages, rank, size, 1u << 20);
    ping_pong(messages, rank, size, 4u << 20);
    rate(messages, rank, size, 8);
    rate(messages, rank, size, 65'536);
  }
  barriers(messages, rank, size);
  allreduces(messages, rank, size, 8);
  allreduces(messages, rank, size, 65'536);
  messages.barrier();
}

}  // namespace zel::bench
