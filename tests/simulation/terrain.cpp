#include "tests/simulation/terrain.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <sstream>

namespace zel::simulation {

namespace {

struct Matrix {
  std::vector<float> ms;
  std::size_t side = 0;
};

// PlanetLab: 490 lines of 490 numbers with commas. AWS: a heading, then a name and 16 numbers with tabs.
Matrix parse(const std::string& text, char comma, std::size_t names) {
  Matrix matrix;
  std::istringstream lines(text);
  std::string line;
  for (std::size_t skip = names; skip > 0; --skip) std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t skip = names; skip > 0; --skip) std::getline(cells, cell, comma);
    while (std::getline(cells, cell, comma)) matrix.ms.push_back(std::strtof(cell.c_str(), nullptr));
    ++matrix.side;
  }
  if (matrix.side * matrix.side != matrix.ms.size()) return {};
  return matrix;
}

std::string read_gzip(const std::string& path) {
  std::string text;
  std::FILE* pipe = ::popen(("gzip -dc '" + path + "' 2>/dev/null").c_str(), "r");
  if (pipe == nullptr) return text;
  char block[65536];
  while (const std::size_t count = std::fread(block, 1, sizeof block, pipe)) text.append(block, count);
  ::pclose(pipe);
  return text;
}

Matrix load(TerrainKind kind, const std::string& data) {
  if (kind == TerrainKind::planetlab) return parse(read_gzip(data + "/planetlab490_t18.txt.gz"), ',', 0);
  std::ifstream file(data + "/aws16_rtt_ms.tsv");
  std::stringstream text;
  text << file.rdbuf();
  return parse(text.str(), '\t', 1);
}

// Read once: a run of many seeds would otherwise spend its time on unpacking.
const Matrix& cached(TerrainKind kind, const std::string& data) {
  static std::map<std::pair<TerrainKind, std::string>, Matrix> matrices;
  const auto [found, is_new] = matrices.try_emplace({kind, data});
  if (is_new) found->second = load(kind, data);
  return found->second;
}

}  // namespace

const char* name_of(TerrainKind kind) {
  switch (kind) {
    case TerrainKind::lan: return "lan";
    case TerrainKind::sites: return "sites";
    case TerrainKind::aws: return "aws";
    case TerrainKind::planetlab: return "planetlab";
  }
  return "?";
}

Terrain::Terrain(TerrainKind kind, std::size_t nodes, const std::string& data, base::Random random) : kind_(kind) {
  if ((kind == TerrainKind::aws || kind == TerrainKind::planetlab) && !read_matrix(data)) kind_ = TerrainKind::sites;
  if (kind_ == TerrainKind::sites) sites_ = 1 + random.below(std::clamp<std::size_t>(nodes / 4, 2, 64));
  std::vector<Spot> centres(sites_);
  for (std::size_t site = 0; site < sites_; ++site) {
    centres[site].x_ms = static_cast<float>(random.between(0, 150));
    centres[site].y_ms = static_cast<float>(random.between(0, 150));
    centres[site].site = static_cast<std::uint32_t>(site);
  }
  shuffle(centres, random);  // so that few nodes on a large matrix are not always the same ones
  spots_.reserve(nodes);
  for (std::size_t node = 0; node < nodes; ++node) {
    Spot spot = centres[node < sites_ ? node : random.below(sites_)];
    spot.x_ms += static_cast<float>(random.between(0, 0.2));
    spot.y_ms += static_cast<float>(random.between(0, 0.2));
    // An access link: most are quick, some are a home's.
    spot.height_ms = static_cast<float>(kind_ == TerrainKind::sites && random.chance(0.1) ? random.between(3, 15)
                                                                                          : random.between(0.03, 0.2));
    spots_.push_back(spot);
  }
}

bool Terrain::read_matrix(const std::string& data) {
  if (data.empty()) return false;
  const Matrix& matrix = cached(kind_, data);
  if (matrix.side == 0) return false;
  sites_ = matrix.side;
  matrix_ms_ = matrix.ms;
  return true;
}

base::Duration Terrain::round_trip(std::uint32_t a, std::uint32_t b) const {
  const Spot& from = spots_[a];
  const Spot& to = spots_[b];
  double ms = from.height_ms + to.height_ms;
  if (from.site == to.site || matrix_ms_.empty()) {
    ms += std::hypot(from.x_ms - to.x_ms, from.y_ms - to.y_ms);
  } else {
    ms += std::max(0.0F, matrix_ms_[from.site * sites_ + to.site]);
  }
  return base::Duration(static_cast<std::int64_t>(ms * 1e6));
}

}  // namespace zel::simulation
