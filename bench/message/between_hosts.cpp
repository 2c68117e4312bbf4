// Why: what a message costs between two hosts, by the way that is used after a while: `zrun -n 2 between_hosts` over
// two nodes. ZEL_PATHS=nodes keeps it on posts. One JSON line per figure; held against between_hosts_peers.
#include <chrono>
#include <cstdio>
#include <vector>
#include <zel/zel.hpp>

namespace {

constexpr int repeats = 3;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void ping_pong(zel::Job& job, std::size_t bytes, int rounds) {
  std::vector<std::byte> buffer(bytes, std::byte{1});
  for (int round = 0; round < rounds; ++round) {
    if (job.rank() == 0) job.messages().send_bytes(1, buffer);
    job.messages().receive_bytes(buffer, 1 - job.rank());
    if (job.rank() == 1) job.messages().send_bytes(0, buffer);
  }
}

}  // namespace

int main() {
  zel::Job job;
  auto start = std::chrono::steady_clock::now();
  ping_pong(job, 8, 1);
  if (job.rank() == 0) std::printf("{\"what\":\"zel first round trip\",\"us\":%.1f}\n", seconds_since(start) * 1e6);
  ping_pong(job, 8, 1000);  // meanwhile a link comes
  for (const std::size_t bytes : {std::size_t{8}, std::size_t{4096}, std::size_t{65'536}, std::size_t{1} << 20}) {
    const int rounds = bytes <= 1024 ? 3000 : bytes <= 65'536 ? 500 : 50;
    double best = 1e9;
    for (int repeat = 0; repeat < repeats; ++repeat) {
      start = std::chrono::steady_clock::now();
      ping_pong(job, bytes, rounds);
      best = std::min(best, seconds_since(start) / rounds / 2);
    }
    if (job.rank() == 0) std::printf("{\"what\":\"zel\",\"bytes\":%zu,\"one_way_us\":%.3f}\n", bytes, best * 1e6);
  }
}
