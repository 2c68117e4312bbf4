#include "zrun/output/file_name.hpp"

#include <algorithm>
#include <cstddef>

namespace zel::zrun::output {

std::string file_name(std::uint32_t rank, std::uint32_t ranks, wire::run::Stream stream) {
  const std::size_t width = std::max<std::size_t>(3, std::to_string(std::max(ranks, 1u) - 1).size());
  const std::string number = std::to_string(rank);
  const std::string zeros(width > number.size() ? width - number.size() : 0, '0');
  return "rank." + zeros + number + (stream == wire::run::Stream::out ? ".out" : ".err");
}

}  // namespace zel::zrun::output
