// Why: what a message costs between two hosts, by the best way there is after a while: `zrun -n 2 between_hosts` over two
// nodes; ZEL_PATHS=nodes keeps it on posts. One JSON line per figure, the same as of between_hosts_peers.
#include "between_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <zel/zel.hpp>

namespace {

using zel::bench::seconds_since;

void ping_pong(zel::Job& job, std::span<std::byte> buffer, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    if (job.rank() == 0) job.messages().send_bytes(1, buffer);
    job.messages().receive_bytes(buffer, 1 - job.rank());
    if (job.rank() == 1) job.messages().send_bytes(0, buffer);
  }
}

/// One way, and a word when all are there.
void stream(zel::Job& job, std::span<std::byte> buffer, int count) {
  for (int n = 0; n < count; ++n) {
    if (job.rank() == 0) job.messages().send_bytes(1, buffer);
    else job.messages().receive_bytes(buffer, 0);
  }
  if (job.rank() == 0) job.messages().receive<int>(1);
  else job.messages().send(0, count);
}

/// Links come while messages flow; two seconds are enough for any that will.
void warm_up(zel::Job& job) {
  const auto start = std::chrono::steady_clock::now();
  std::byte word[8]{};
  for (int more = 1; more != 0;) {
    ping_pong(job, word, 100);
    if (job.rank() == 0) job.messages().send(1, more = seconds_since(start) < 2 ? 1 : 0);
    else more = job.messages().receive<int>(0);
  }
}

}  // namespace

int main(int argc, char** argv) {
  zel::Job job;
  std::vector<std::byte> buffer(8, std::byte{1});
  const auto start = std::chrono::steady_clock::now();
  ping_pong(job, buffer, 1);
  if (job.rank() == 0) zel::bench::tell("first", 8, seconds_since(start) / 2);
  warm_up(job);
  for (const auto& figure : zel::bench::figures(argc > 1 ? argv[1] : "")) {
    buffer.assign(figure.bytes, std::byte{1});
    const double best = zel::bench::best_of(figure, [&](int times) {
      if (figure.one_way) stream(job, buffer, times);
      else ping_pong(job, buffer, times);
    });
    if (job.rank() == 0) zel::bench::tell(figure, best);
  }
}
