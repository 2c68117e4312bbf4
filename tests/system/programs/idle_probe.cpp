// Why: a phase that nobody can divide: `idle_probe <seconds>` computes one task that spawns nothing for so long.
// It says when it begins and when it is over, and what was counted before and after, so that all have met.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <zel/zel.hpp>

namespace {

struct Count {
  int depth;
  int run() const {
    if (depth == 0) return 1;
    zel::Spawned<Count> left(Count{depth - 1});
    const int right = Count{depth - 1}.run();
    return left.sync() + right;
  }
};

struct Phase {
  double seconds;
  int run() const {
    const int before = Count{16}.run();
    std::puts("begun");
    std::fflush(stdout);
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (std::chrono::steady_clock::now() < end) {
    }
    std::puts("over");
    std::fflush(stdout);
    return before + Count{16}.run();
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  zel::Job job;
  job.membership().wait_closed();
  const int counted = zel::compute(job, Phase{std::atof(argv[1])});
  return counted == 2 << 16 ? 0 : 1;
}
