// Why: see departures.hpp.
#include "libzel/message/departures.hpp"

#include <utility>

namespace zel::message {

void Departures::member_gone(int rank, std::string cause, bool in_order) {
  const std::lock_guard lock(mutex_);
  news_.members.push_back({rank, std::move(cause), in_order});
  any_.store(true, std::memory_order_release);
}

void Departures::node_gone(std::string cause) {
  const std::lock_guard lock(mutex_);
  if (!news_.node) news_.node = std::move(cause);
  any_.store(true, std::memory_order_release);
}

Departures::News Departures::take() {
  const std::lock_guard lock(mutex_);
  any_.store(false, std::memory_order_release);
  return std::exchange(news_, {});
}

}  // namespace zel::message
