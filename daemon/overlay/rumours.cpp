#include "daemon/overlay/rumours.hpp"

#include <algorithm>
#include <limits>

namespace zel::overlay {

void Rumours::add(wire::overlay::Rumour rumour, std::uint32_t passes) {
  if (passes == 0) return;
  std::erase_if(entries_, [&](const Entry& entry) { return entry.rumour.subject == rumour.subject; });
  if (entries_.size() >= capacity) {
    entries_.erase(std::max_element(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return a.passed != b.passed ? a.passed < b.passed : a.age > b.age;
    }));
  }
  entries_.push_back({std::move(rumour), 0, passes, added_++});
}

void Rumours::take(std::size_t most, std::vector<wire::overlay::Rumour>& out) {
  if (entries_.empty()) return;
  std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return a.passed != b.passed ? a.passed < b.passed : a.age > b.age;
  });
  const std::size_t count = std::min(
      {most, entries_.size(), wire::overlay::max_rumours - std::min(out.size(), wire::overlay::max_rumours)});
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(entries_[i].rumour);
    ++entries_[i].passed;
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.passed >= entry.passes; });
}

std::uint32_t Rumours::fewest_passes() const {
  std::uint32_t fewest = std::numeric_limits<std::uint32_t>::max();
  for (const Entry& entry : entries_) fewest = std::min(fewest, entry.passed);
  return fewest;
}

}  // namespace zel::overlay
