// Why: distances decide everything in this system, so they come from measured matrices where those are at hand
// (PlanetLab, AWS regions), else from a plane of sites: near each other inside, wide-area distances between
// them, and every node behind an access link of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/time.hpp"

namespace zel::simulation {

enum class TerrainKind : std::uint8_t { lan, sites, aws, planetlab };
const char* name_of(TerrainKind kind);

class Terrain {
 public:
  /// A matrix that is not at hand is replaced by sites on a plane. `data` is the folder of the matrices; may be
  /// empty.
  Terrain(TerrainKind kind, std::size_t nodes, const std::string& data, base::Random random);

  base::Duration round_trip(std::uint32_t a, std::uint32_t b) const;
  TerrainKind kind() const { return kind_; }

 private:
  struct Spot {
    float x_ms = 0, y_ms = 0, height_ms = 0;
    std::uint32_t site = 0;
  };
  bool read_matrix(const std::string& data);

  TerrainKind kind_;
  std::vector<Spot> spots_;
  std::vector<float> matrix_ms_;  // sites x sites; empty: the plane
  std::size_t sites_ = 1;
};

}  // namespace zel::simulation
