// Why: how well do coordinates predict round-trip times between real nodes, after how many measurements?
// Reads a matrix in milliseconds from a file or from its input, prints JSON. With `plain` without adjustment
// and gravity.
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include "bench/overlay/latency_matrix.hpp"

int main(int argc, char** argv) {
  zel::bench::Matrix rtt_s;
  if (argc > 1 && std::strcmp(argv[1], "-") != 0) {
    std::ifstream file(argv[1]);
    rtt_s = zel::bench::read_matrix_ms(file);
  } else {
    rtt_s = zel::bench::read_matrix_ms(std::cin);
  }
  if (rtt_s.size() < 2) {
    std::fprintf(stderr, "no matrix of round-trip times in %s; try: zcat planetlab490_t18.txt.gz | %s -\n",
                 argc > 1 ? argv[1] : "the input", argv[0]);
    return 1;
  }
  zel::overlay::Config config;
  const bool plain = argc > 2 && std::strcmp(argv[2], "plain") == 0;
  if (plain) {
    config.adjustment_window = 0;
    config.gravity_rho = 1e12;
  }
  std::printf("{\"nodes\": %zu, \"plain\": %s, \"runs\": [\n", rtt_s.size(), plain ? "true" : "false");
  for (int seed = 1; seed <= 3; ++seed) {
    zel::bench::CoordinateRun run(config, rtt_s, static_cast<std::uint64_t>(seed));
    int done = 0;
    for (const int samples : {30, 100, 300, 2000}) {
      run.rounds(samples - done);
      done = samples;
      const zel::bench::RelativeError error = run.error();
      std::printf("  {\"seed\": %d, \"samples\": %d, \"median\": %.4f, \"p90\": %.4f}%s\n", seed, samples,
                  error.median, error.p90, seed == 3 && samples == 2000 ? "" : ",");
    }
  }
  std::puts("]}");
}
