// Why: synthetic distances flatter coordinates; these were measured between 490 nodes of PlanetLab.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "bench/overlay/latency_matrix.hpp"

namespace zel::overlay {
namespace {

std::filesystem::path data_folder() {
  const char* given = std::getenv("ZEL_SHARED_DATA");
  return given != nullptr ? std::filesystem::path(given)
                          : std::filesystem::path(ZEL_SOURCE_DIR) / "../shared/data";
}

std::string unpacked(const std::filesystem::path& file) {
  std::string text;
  FILE* pipe = ::popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[65536];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
  ::pclose(pipe);
  return text;
}

TEST(PlanetLab, HalfOfAllEstimatesAreWithinATenthAfter300Samples) {
  const auto file = data_folder() / "planetlab490_t18.txt.gz";
  if (!std::filesystem::exists(file))
    GTEST_SKIP() << "no measurements at " << file << "; set ZEL_SHARED_DATA";
  std::istringstream text(unpacked(file));
  const bench::Matrix rtt_s = bench::read_matrix_ms(text);
  ASSERT_EQ(rtt_s.size(), 490u);
  const Config config;
  bench::CoordinateRun run(config, rtt_s, 1);
  run.rounds(300);
  EXPECT_LE(run.error().median, 0.10);
}

}  // namespace
}  // namespace zel::overlay
