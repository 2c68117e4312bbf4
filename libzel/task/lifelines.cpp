// Why: see lifelines.hpp.
#include "libzel/task/lifelines.hpp"

#include <algorithm>
#include <cstddef>

namespace zel::task {

std::vector<int> lifelines_of(int rank, const std::vector<int>& present) {
  const auto own = std::lower_bound(present.begin(), present.end(), rank);
  const auto position = static_cast<std::size_t>(own - present.begin());
  std::vector<int> result;
  for (std::size_t step = 1; step < present.size(); step *= 2) {
    result.push_back(present[(position + step) % present.size()]);
  }
  return result;
}

}  // namespace zel::task
